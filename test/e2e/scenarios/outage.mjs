// What the screen says is true: a change that the server refuses is taken back,
// one that it has not got yet is said to wait, and goes out when it is there.
import assert from 'node:assert/strict';
import { newId } from '../api.mjs';
import { card, closeTask, inColumn, openTask, saved, showColumn } from '../board.mjs';
import { seedSmall } from '../seed.mjs';
import { closeSidebar, expectOutage, openSidebar, signIn } from '../steps.mjs';

export default {
  name: 'a refused change is taken back, an outage is waited out',
  shared: true,
  kills: true,
  async run(stage) {
    const { at, ada, bo, board, columns, tasks } = await seedSmall(stage.base);
    const page = await stage.newPage();
    await signIn(page, 'ada@example.org');
    await page.goto(board);
    await showColumn(page, 'To do');
    await card(page, 'Paint the hull').waitFor();

    // On its way to the server a move is made to name a column that is not there.
    let go;
    const held = new Promise((resolve) => {
      go = resolve;
    });
    await page.route('**/api/v1/workspaces/*/tasks/*', async (route) => {
      if (route.request().method() !== 'PATCH') return route.continue();
      await held;
      return route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), column: newId() }) });
    });
    const panel = await openTask(page, 'Paint the hull');
    await panel.getByRole('button', { name: 'Status: To do' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Done' }).click();
    await panel.getByRole('button', { name: 'Status: Done' }).waitFor();
    await closeTask(page);
    await showColumn(page, 'Done');
    await inColumn(page, 'Done', 'Paint the hull').waitFor();
    go();
    await page.getByTestId('toast').filter({ hasText: 'Not saved: BY-1 moved to Done' }).waitFor();
    await inColumn(page, 'Done', 'Paint the hull').waitFor({ state: 'detached' });
    await showColumn(page, 'To do');
    await inColumn(page, 'To do', 'Paint the hull').waitFor();
    await openSidebar(page);
    await page.locator('[data-testid=sync][data-standing=failed]').click();
    const standing = page.getByRole('dialog', { name: 'How things stand' });
    await standing.getByText('BY-1 moved to Done').waitFor();
    await standing.getByRole('button', { name: 'Got it' }).click();
    await saved(page);
    await page.keyboard.press('Escape');
    await closeSidebar(page);
    await page.unroute('**/api/v1/workspaces/*/tasks/*');
    stage.expectProblems(/status of 4\d\d/);
    const { column } = await ada.get(`${at}/tasks/${tasks[0].id}`);
    assert.equal(column, columns['To do']);

    // The server goes. What is done meanwhile is shown at once, and said to wait.
    await openTask(page, 'Order rope');
    await stage.server.kill('task');
    await panel.getByLabel('Title').fill('Order more rope');
    await panel.getByLabel('Title').press('Enter');
    await panel.getByRole('button', { name: 'Priority: None' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'Urgent' }).click();
    await closeTask(page);
    await inColumn(page, 'To do', 'Order more rope').waitFor();
    await page.locator('[data-testid=sync][data-standing=waiting]').waitFor({ state: 'attached' });
    await openSidebar(page);
    await page.getByTestId('sync').click();
    await standing.getByText('2 changes wait').waitFor();
    await standing.getByText('Title of “Order more rope”').waitFor();
    await page.keyboard.press('Escape');
    await closeSidebar(page);

    // It comes back: what waited arrives, once and in order, and live changes go on.
    await stage.server.up();
    await saved(page);
    expectOutage(stage);
    const rope = await ada.get(`${at}/tasks/${tasks[2].id}`);
    assert.deepEqual([rope.title, rope.priority], ['Order more rope', 'urgent']);
    const { items: events } = await ada.get(`${at}/tasks/${tasks[2].id}/history`);
    assert.equal(events.length, 3, 'made, renamed, and given a priority, each once');
    await bo.patch(`${at}/tasks/${tasks[1].id}`, { title: 'Mend both sails' });
    await inColumn(page, 'To do', 'Mend both sails').waitFor();

    // A stream that was cut goes on where it stopped, without a reload.
    await stage.server.kill('task');
    await stage.server.up();
    await bo.patch(`${at}/tasks/${tasks[1].id}`, { column: columns['In progress'] });
    await showColumn(page, 'In progress');
    await inColumn(page, 'In progress', 'Mend both sails').waitFor();
    await saved(page);
    expectOutage(stage);
  },
};
