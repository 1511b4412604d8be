// The main job: a board comes over from Trello and is worked on by two people,
// and nothing of it is lost when the server's power goes.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Api } from '../api.mjs';
import { card, cardsOf, dragCard, inColumn, showColumn } from '../board.mjs';
import { realExport, writeExport } from '../fixtures/file.mjs';
import { teamBoard } from '../fixtures/team-board.mjs';
import { countsOf, trelloExport } from '../fixtures/trello.mjs';
import { addressOf } from '../people.mjs';
import { expectOutage, newWorkspace, openSidebar, register } from '../steps.mjs';

/** Uploads a file on the import page and waits until it is checked. */
async function choose(page, path) {
  await page.getByLabel('Trello export').setInputFiles(path);
  await page.locator('[data-testid=import][data-state=ready]').waitFor();
}

async function apply(page) {
  await page.getByRole('button', { name: 'Import it' }).click();
  await page.locator('[data-testid=import][data-state=done]').waitFor();
}

/** The numbers of a row of the report, by its name. */
async function rowOf(page, what) {
  const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: what, exact: true }) });
  const cells = await row.getByRole('cell').allTextContents();
  return cells.slice(0, -1).map((text) => Number(text.replaceAll(/\D/g, '')));
}

const rows = {
  lists: 'Lists', cards: 'Cards', items: 'Checklist items', comments: 'Comments',
  attachments: 'Attachments', labels: 'Labels', members: 'Members',
};

export default {
  name: 'import a board from Trello, work on it together, lose the power',
  shared: true,
  services: true,
  kills: true,
  async run(stage) {
    const file = trelloExport(teamBoard);
    const path = await writeExport(`crew-app-${stage.viewport.name}.json`, file);
    const counts = countsOf(file);

    const page = await stage.newPage();
    await register(page);
    const workspace = await newWorkspace(page);
    await page.getByRole('link', { name: 'Import from Trello' }).click();
    await choose(page, path);

    // Before anything changes, the preview says what will come over.
    for (const [kind, what] of Object.entries(rows)) {
      const [inFile] = await rowOf(page, what);
      assert.equal(inFile, counts[kind], `${what} in the file`);
    }
    assert.deepEqual(await rowOf(page, 'Cards'), [counts.cards, counts.cards]);
    assert.deepEqual(await rowOf(page, 'Comments'), [counts.comments, counts.comments]);
    await page.getByText('1 archived list stays archived').waitFor();
    await apply(page);
    await page.getByRole('region', { name: 'Report' }).waitFor();
    await page.getByText('All of it is here.').waitFor();
    await page.getByRole('link', { name: 'Open the board' }).click();

    // The board holds the open cards, list by list and in order.
    for (const list of teamBoard.lists.filter((one) => !one.closed)) {
      const open = list.cards.filter((one) => !one.closed).map((one) => one.name);
      await showColumn(page, list.name);
      await card(page, open[0]).waitFor();
      assert.deepEqual((await cardsOf(page, list.name)).slice(0, 4), open.slice(0, 4));
    }

    // A card has all that it had.
    const title = 'Edits without a connection are kept and sent later';
    await showColumn(page, 'In progress');
    await card(page, title).click();
    const panel = page.getByTestId('task-panel');
    await panel.getByText('Edits made without a connection').waitFor();
    await panel.getByRole('link', { name: 'sketch of the states', exact: true }).waitFor();
    await panel.getByRole('heading', { name: 'Before it ships 3/5' }).waitFor();
    await panel.getByText('Eve Former').first().waitFor();
    assert.equal(await panel.getByTestId('comment').count(), 8);
    await panel.getByRole('button', { name: 'Assignees' }).or(panel.getByText('Cleo, Ada')).first().waitFor();
    await panel.getByRole('button', { name: 'Close', exact: true }).click();
    await panel.waitFor({ state: 'detached' });

    // Two more windows look at it: the same person's, and somebody else's.
    const board = page.url();
    const second = await stage.secondWindow(page);
    await second.goto(board);
    const owner = await Api.signIn(stage.base, 'ada@example.org');
    const invitation = await owner.post(`/workspaces/${workspace}/invitations`, { role: 'member' });
    const other = await stage.newPage();
    await other.goto(`/join#${invitation.token}`);
    await other.getByRole('link', { name: 'Create an account' }).click();
    await other.getByLabel('Name').fill('Bo Other');
    await other.getByLabel('Email').fill(addressOf('bo@example.org'));
    await other.getByLabel('Password').fill('another long pass phrase');
    await other.getByRole('button', { name: 'Create account' }).click();
    await other.getByRole('button', { name: 'Join the workspace' }).click();
    await other.waitForURL('**/p/*');
    const all = [page, second, other];
    for (const one of all) {
      await showColumn(one, 'To do');
      await card(one, 'A form can be filled in twice').waitFor();
    }

    // A card is dragged; it moves in every window, without a reload.
    const moved = 'Search matches accents and case alike';
    await dragCard(stage, page, moved, 'Review');
    const everywhere = async () => {
      for (const one of all) {
        await showColumn(one, 'Review');
        await inColumn(one, 'Review', moved).waitFor();
        await showColumn(one, 'To do');
        await card(one, 'A form can be filled in twice').waitFor();
        await inColumn(one, 'To do', moved).waitFor({ state: 'detached' });
      }
    };
    await everywhere();

    // It is on the disk: after a reload, and after the power went.
    for (const one of all) await one.reload();
    await everywhere();
    await stage.server.kill();
    await stage.server.up();
    for (const one of all) await one.reload();
    await everywhere();
    expectOutage(stage);

    // What somebody else does arrives also after the break.
    await showColumn(other, 'Review');
    await dragCard(stage, other, moved, 'Done');
    for (const one of all) {
      await showColumn(one, 'Done');
      await inColumn(one, 'Done', moved).waitFor();
    }

    // The same file again adds nothing, and the report says so.
    await openSidebar(page);
    await page.getByRole('link', { name: 'Import' }).click();
    await choose(page, path);
    await page.getByRole('columnheader', { name: 'Already here' }).waitFor();
    assert.deepEqual(await rowOf(page, 'Cards'), [counts.cards, 0, counts.cards]);
    assert.deepEqual(await rowOf(page, 'Comments'), [counts.comments, 0, counts.comments]);
    await page.getByText('All of it is here already: importing it adds nothing.').waitFor();
    await apply(page);
    await page.getByText('All of it was here already: nothing was added.').waitFor();
    const { items: projects } = await owner.get(`/workspaces/${workspace}/projects`);
    assert.equal(projects.length, 1);
    const tasks = await owner.all(`/workspaces/${workspace}/projects/${projects[0].id}/tasks`);
    assert.equal(new Set(tasks.map((task) => task.id)).size, tasks.length);
    assert.ok(tasks.some((task) => task.title === moved && task.column === columnOf(projects[0], 'Done')));

    // An export of a real board, where one is at hand.
    const real = await realExport();
    if (real) {
      const { name } = JSON.parse(await readFile(real, 'utf8'));
      await page.getByRole('button', { name: 'Import another' }).click();
      await choose(page, real);
      const [inFile, comes] = await rowOf(page, 'Cards');
      assert.ok(inFile > 0 && comes === inFile, `${basename(real)}: ${comes} of ${inFile} cards come over`);
      await apply(page);
      await page.getByRole('link', { name: 'Open the board' }).click();
      await page.getByRole('heading', { level: 1, name }).waitFor();
    }
  },
};

const columnOf = (project, name) => project.columns.find((column) => column.name === name).id;
