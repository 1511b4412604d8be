// Every route answers behind the front door: what no scenario in the browser
// comes past there is asked here, and its answer looked at.
import assert from 'node:assert/strict';
import { Api, newId } from '../api.mjs';
import { teamBoard } from '../fixtures/team-board.mjs';
import { trelloExport } from '../fixtures/trello.mjs';
import { addressOf } from '../people.mjs';
import { seedSmall } from '../seed.mjs';
import { password } from '../steps.mjs';

export default {
  name: 'every route answers behind the front door',
  viewports: ['desktop'],
  services: true,
  async run(stage) {
    const small = await seedSmall(stage.base);
    await session(stage.base);
    await people(stage.base, small);
    await projects(small);
    await labels(small);
    await partsOfTasks(small);
    await putAway(small);
    await reads(small);
    await inbox(small);
    await figures(small);
    await imports(small);
    await documents(stage.base);
  },
};

/** The session in its cookie: made, renewed, ended. */
async function session(base) {
  const ask = (way, cookie, body) =>
    fetch(`${base}/api/v1/auth/${way}`, {
      method: 'POST',
      headers: { ...(cookie ? { Cookie: cookie } : {}), ...(body ? { 'Content-Type': 'application/json' } : {}) },
      body: body && JSON.stringify(body),
    });
  const cookieOf = (response) => response.headers.getSetCookie()[0].split(';')[0];
  const entered = await ask('sign-in', '', { email: addressOf('bo@example.org'), password });
  assert.equal(entered.status, 200);
  const renewed = await ask('refresh', cookieOf(entered));
  assert.equal(renewed.status, 200);
  assert.equal((await renewed.json()).user.name, 'Bo Other');
  assert.equal((await ask('sign-out', cookieOf(renewed))).status, 204);
  assert.equal((await ask('refresh', cookieOf(renewed))).status, 401, 'the session has ended');
}

async function people(base, { ada, bo, at }) {
  const cy = await Api.register(base, 'Cy New', 'cy@example.org');
  await cy.patch('/auth/me', { name: 'Cy Named' });
  assert.equal((await cy.get('/auth/me')).name, 'Cy Named');
  const { items } = await ada.post('/auth/people', { ids: [cy.user.id] });
  assert.deepEqual(items.map((one) => one.name), ['Cy Named']);

  const workspaceName = 'Eight Oaks';
  await ada.patch(at, { name: workspaceName });
  assert.equal((await bo.get(at)).name, workspaceName);
  assert.deepEqual((await bo.get('/workspaces')).items.map((one) => one.name), [workspaceName]);

  const invitation = await ada.post(`${at}/invitations`, { role: 'member' });
  assert.equal((await ada.get(`${at}/invitations`)).items.length, 1);
  await ada.delete(`${at}/invitations/${invitation.id}`);
  assert.equal((await ada.get(`${at}/invitations`)).items.length, 0);
  const { token } = await ada.post(`${at}/invitations`, { role: 'member' });
  await cy.post('/invitations/accept', { token });
  const roleOf = async () => (await ada.get(`${at}/members`)).items.find((row) => row.user === cy.user.id)?.role;
  await ada.patch(`${at}/members/${cy.user.id}`, { role: 'admin' });
  assert.equal(await roleOf(), 'admin');
  await ada.delete(`${at}/members/${cy.user.id}`);
  assert.equal((await cy.ask('GET', at)).status, 404);
}

async function projects({ ada, at }) {
  const made = await ada.post(`${at}/projects`, { name: 'Slipway', color: 'blue' });
  const one = `${at}/projects/${made.id}`;
  await ada.patch(one, { name: 'Slipways' });
  assert.equal((await ada.get(one)).name, 'Slipways');
  assert.ok((await ada.get(`${at}/projects`)).items.some((row) => row.name === 'Slipways'));
  const column = newId();
  await ada.post(`${one}/columns`, { id: column, name: 'Dry dock' });
  await ada.patch(`${one}/columns/${column}`, { name: 'Wet dock' });
  const named = async () => (await ada.get(one)).columns.filter((row) => row.id === column).map((row) => row.name);
  assert.deepEqual(await named(), ['Wet dock']);
  await ada.delete(`${one}/columns/${column}`);
  assert.deepEqual(await named(), []);
  assert.ok(await ada.get(`${one}/counts`));
  await ada.post(`${one}/archive`);
  await ada.post(`${one}/restore`);
  await ada.delete(one);
  assert.ok(!(await ada.get(`${at}/projects`)).items.some((row) => row.id === made.id && row.state === 'live'));
}

async function labels({ ada, at }) {
  const label = newId();
  await ada.post(`${at}/labels`, { id: label, name: 'wood', color: 'green' });
  await ada.patch(`${at}/labels/${label}`, { name: 'oak' });
  assert.deepEqual((await ada.get(`${at}/labels`)).items.map((row) => row.name), ['oak']);
  await ada.delete(`${at}/labels/${label}`);
  assert.deepEqual((await ada.get(`${at}/labels`)).items, []);
}

/** Comments, items of a checklist, links: made, changed, taken away. */
async function partsOfTasks({ bo, at, tasks }) {
  const task = `${at}/tasks/${tasks[0].id}`;
  const [comment, item, link] = [newId(), newId(), newId()];
  await bo.post(`${task}/comments`, { id: comment, text: 'Blue?' });
  await bo.patch(`${task}/comments/${comment}`, { text: 'Navy blue.' });
  assert.equal((await bo.get(`${task}/comments`)).items[0].text, 'Navy blue.');
  await bo.delete(`${task}/comments/${comment}`);
  await bo.post(`${task}/items`, { items: [{ id: item, title: 'sand it' }] });
  await bo.patch(`${task}/items/${item}`, { done: true });
  assert.equal((await bo.get(task)).itemsDone, 1);
  await bo.delete(`${task}/items/${item}`);
  await bo.post(`${task}/attachments`, { id: link, url: 'https://example.org/plan.pdf' });
  await bo.delete(`${task}/attachments/${link}`);
  await bo.patch(task, { title: 'Paint the keel' });
  await bo.post(`${at}/undo`);
  assert.equal((await bo.get(task)).title, 'Paint the hull');
  assert.ok((await bo.get(`${task}/history`)).items.length >= 9);
}

async function putAway({ ada, at, project }) {
  const { id } = await ada.post(`${at}/tasks`, { project, title: 'Sell the dinghy' });
  const task = `${at}/tasks/${id}`;
  await ada.post(`${task}/archive`);
  await ada.post(`${task}/restore`);
  await ada.delete(task);
  await ada.post(`${task}/purge`);
  assert.equal((await ada.ask('GET', task)).status, 404);
}

async function reads({ ada, at, project }) {
  assert.deepEqual((await ada.get(`${at}/tasks?state=archived`)).items, []);
  assert.equal((await ada.get(`${at}/projects/${project}/tasks`)).items.length, 3);
  assert.equal((await ada.get(`${at}/search?q=hull`)).items.length, 1);
  assert.ok((await ada.get(`${at}/history`)).items.length > 3);
  assert.ok((await ada.get(`${at}/sync`)).seq > 3);
}

async function inbox({ ada, bo, at, tasks }) {
  await ada.patch(`${at}/tasks/${tasks[1].id}`, { assignees: [bo.user.id] });
  let notices = [];
  await until(async () => {
    ({ items: notices } = await bo.get('/inbox'));
    return notices.length === 1;
  });
  await bo.post('/inbox/read', { notices: [notices[0].id], read: true });
  await bo.post('/inbox/read', { notices: [notices[0].id], read: false });
  assert.equal((await bo.get('/inbox/count')).unread, 1);
  await bo.post('/inbox/read-up-to', { notice: notices[0].id });
  assert.equal((await bo.get('/inbox/count')).unread, 0);
  await bo.patch('/notification-preferences', { email: { due: false } });
  assert.equal((await bo.get('/notification-preferences')).email.due, false);
}

async function figures({ ada, at }) {
  await until(async () => (await ada.get(`${at}/analytics/summary`)).created === 4);
  for (const what of ['active-users', 'cycle-times', 'flow', 'throughput', 'usage']) assert.ok(await ada.get(`${at}/analytics/${what}`), what);
  await ada.post('/usage', { events: [{ id: newId(), name: 'view_opened', at: new Date().toISOString() }] });
  const chosen = await ada.ask('PUT', '/usage/choice', { record: false });
  assert.ok(chosen.status < 300);
  assert.equal((await ada.get('/usage/choice')).record, false);
}

async function imports({ ada, workspace, at }) {
  const job = await ada.importTrello(workspace, trelloExport(teamBoard));
  assert.deepEqual((await ada.get(`${at}/imports`)).items.map((one) => one.state), ['done']);
  assert.equal((await ada.ask('POST', `${at}/imports/${job.id}/pause`)).status, 409, 'it is done: nothing is left to pause');
  await ada.delete(`${at}/imports/${job.id}`);
  assert.equal((await ada.ask('GET', `${at}/imports/${job.id}`)).status, 404);
}

/** What is asked for without signing in. */
async function documents(base) {
  const keys = await (await fetch(`${base}/.well-known/jwks.json`)).json();
  assert.ok(keys.keys.length > 0);
  const farewell = await fetch(`${base}/api/v1/notification-preferences/unsubscribe`);
  assert.equal(farewell.status, 200);
  const page = await fetch(`${base}/`);
  assert.match(await page.text(), /<title>Headway/);
}

/** Asks until it is so: what comes later than the work does. */
async function until(is) {
  for (const end = Date.now() + 20_000; !(await is()); ) {
    assert.ok(Date.now() < end, 'it did not come about');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
