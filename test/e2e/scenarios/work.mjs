// A day's work on one board: everything that a task can be given, found again,
// put away and brought back.
import assert from 'node:assert/strict';
import { card, cardsOf, closeTask, inColumn, openTask, saved, showColumn } from '../board.mjs';
import { seedSmall } from '../seed.mjs';
import { onPhone, openSidebar, signIn } from '../steps.mjs';

async function place(page, name) {
  await openSidebar(page);
  await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name }).click();
}

const toast = (page, text) => page.getByTestId('toast').filter({ hasText: text });

export default {
  name: 'work on tasks: add, fill in, find, put away, bring back, look back',
  services: true,
  async run(stage) {
    const { at, ada, board, tasks } = await seedSmall(stage.base);
    const page = await stage.newPage();
    await signIn(page, 'ada@example.org');
    await page.goto(board);
    await showColumn(page, 'To do');
    await card(page, 'Paint the hull').waitFor();

    // Quick add, from the button; then two in a row in the column.
    await page.getByRole('button', { name: 'New task' }).click();
    const dialog = page.getByRole('dialog', { name: 'New task' });
    await dialog.getByLabel('Title').fill('Varnish the deck');
    await dialog.getByRole('button', { name: 'Add task' }).click();
    await toast(page, '“Varnish the deck” added to To do').waitFor();
    await inColumn(page, 'To do', 'Varnish the deck').waitFor();
    const todo = page.getByRole('region', { name: 'To do', exact: true });
    await todo.getByRole('button', { name: 'Add task', exact: true }).last().click();
    for (const title of ['Clean the bilge', 'Check the anchor']) {
      await todo.getByLabel('New task in To do').fill(title);
      await todo.getByLabel('New task in To do').press('Enter');
      await inColumn(page, 'To do', title).waitFor();
    }
    await todo.getByLabel('New task in To do').press('Escape');
    await saved(page);
    const titles = ['Paint the hull', 'Mend the sail', 'Order rope', 'Varnish the deck', 'Clean the bilge', 'Check the anchor'];
    assert.deepEqual(await cardsOf(page, 'To do'), titles);

    // Everything that a task can be given.
    const panel = await openTask(page, 'Paint the hull');
    await panel.getByLabel('Title').fill('Paint the hull blue');
    await panel.getByLabel('Title').press('Enter');
    await card(page, 'Paint the hull blue').waitFor({ state: 'attached' });
    await panel.getByRole('button', { name: 'Add a description' }).click();
    await panel.getByRole('textbox', { name: 'Description' }).fill('Two coats, **thin**.\n\n- sand it\n- let it dry\n\n<b>no html</b>');
    await panel.getByRole('button', { name: 'Preview' }).click();
    await panel.locator('strong', { hasText: 'thin' }).waitFor();
    await panel.getByRole('button', { name: /^Save/ }).click();
    await panel.getByRole('button', { name: 'Edit description' }).waitFor();
    await panel.getByRole('listitem').filter({ hasText: 'sand it' }).waitFor();
    await panel.getByText('<b>no html</b>').waitFor();
    await panel.getByRole('button', { name: 'Priority: None' }).click();
    await page.getByRole('menuitemcheckbox', { name: 'High' }).click();
    await panel.getByRole('button', { name: 'Priority: High' }).waitFor();
    await panel.getByRole('button', { name: 'Assignees: Nobody' }).click();
    await page.getByRole('dialog', { name: 'Assignees' }).getByText('Bo Other').click();
    await page.keyboard.press('Escape');
    await panel.getByRole('button', { name: 'Assignees: Bo' }).waitFor();
    await panel.getByRole('button', { name: 'Labels: None' }).click();
    await page.getByLabel('Find or make a label').fill('outside');
    await page.getByRole('button', { name: 'Make “outside”' }).click();
    await page.getByRole('dialog', { name: 'Labels' }).getByRole('checkbox', { name: 'outside' }).waitFor({ state: 'attached' });
    await page.keyboard.press('Escape');
    await panel.getByRole('button', { name: 'Labels: outside' }).waitFor();
    await panel.getByRole('button', { name: 'Due: none' }).click();
    await page.getByRole('dialog', { name: 'Due date' }).getByRole('button', { name: 'Tomorrow' }).click();
    await panel.getByRole('button', { name: 'Due: Tomorrow' }).waitFor();
    await panel.getByRole('button', { name: 'Add a checklist' }).click();
    for (const item of ['Sand', 'Prime', 'Paint']) {
      // The field stays open for the next item.
      await panel.getByLabel('New checklist item').fill(item);
      await panel.getByLabel('New checklist item').press('Enter');
      await panel.getByRole('checkbox', { name: item }).waitFor({ state: 'attached' });
    }
    await panel.getByText('Sand', { exact: true }).first().waitFor();
    await panel.getByRole('checkbox', { name: 'Sand' }).dispatchEvent('click');
    await panel.getByRole('heading', { name: 'Checklist 1/3' }).waitFor();
    await panel.getByRole('button', { name: 'Add a link' }).click();
    await panel.getByLabel('Address').fill('example.org/paint');
    await panel.getByRole('button', { name: 'Add link' }).click();
    await panel.getByRole('link', { name: 'example.org' }).waitFor();
    await panel.getByLabel('Write a comment').fill('The _old_ paint has to go first.');
    await panel.getByRole('button', { name: 'Comment', exact: true }).click();
    await panel.getByTestId('comment').locator('em', { hasText: 'old' }).waitFor();
    await saved(page);

    // The history tells it, and shows the task as it was.
    const history = panel.getByTestId('history');
    await history.filter({ hasText: 'set the priority to High' }).waitFor();
    await history.filter({ hasText: 'assigned Bo Other' }).waitFor();
    await history.filter({ hasText: 'added outside' }).waitFor();
    await history.filter({ hasText: 'changed the title from Paint the hull to Paint the hull blue' }).waitFor();
    await history.filter({ hasText: 'made this' }).getByRole('button', { name: /See it as it was/ }).click();
    const earlier = page.getByRole('dialog', { name: 'BY-1 as it was' });
    await earlier.getByRole('heading', { name: 'Paint the hull', exact: true }).waitFor();
    assert.equal(await earlier.getByText('High').count(), 0, 'it had no priority then');
    await earlier.getByRole('button', { name: 'Close', exact: true }).last().click();
    await earlier.waitFor({ state: 'detached' });
    await history.filter({ hasText: 'changed the description' }).getByRole('button', { name: /See it as it was/ }).click();
    await earlier.getByRole('heading', { name: 'Paint the hull blue' }).waitFor();
    await earlier.getByText('Two coats').waitFor();
    await earlier.getByRole('button', { name: 'Put it back like this' }).click();
    await toast(page, 'BY-1 put back as it was').waitFor();
    await panel.getByRole('button', { name: 'Priority: None' }).waitFor();
    await panel.getByRole('button', { name: 'Labels: None' }).waitFor();
    await toast(page, 'BY-1 put back as it was').getByRole('button', { name: /^Undo/ }).click();
    await panel.getByRole('button', { name: 'Priority: High' }).waitFor();
    await panel.getByRole('button', { name: 'Labels: outside' }).waitFor();
    await closeTask(page);
    const face = card(page, 'Paint the hull blue');
    for (const text of ['Tomorrow', '1/3', 'outside']) await face.getByText(text).waitFor();

    // It is what the server has, too.
    await page.reload();
    await showColumn(page, 'To do');
    for (const text of ['Tomorrow', '1/3', 'outside']) await face.getByText(text).waitFor();
    const task = await ada.get(`${at}/tasks/${tasks[0].id}`);
    assert.equal(task.description, 'Two coats, **thin**.\n\n- sand it\n- let it dry\n\n<b>no html</b>');
    assert.equal(task.priority, 'high');
    assert.equal(task.comments, 1);

    // Search finds it by a word of its description.
    if (onPhone(stage)) await page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: 'Search' }).click();
    else await page.getByRole('button', { name: /Search or jump to/ }).click();
    const search = page.getByRole('combobox', { name: 'Search or jump to' });
    await search.fill('coats');
    await page.getByRole('option', { name: /Paint the hull blue/ }).waitFor();
    await search.press('Enter');
    await panel.getByLabel('Title').waitFor();
    await closeTask(page);

    // The list shows the same.
    await page.getByRole('link', { name: 'List' }).click();
    const row = page.getByTestId('row').filter({ hasText: 'Paint the hull blue' });
    await row.getByRole('link').click();
    await panel.getByRole('button', { name: 'Priority: High' }).waitFor();
    await closeTask(page);
    await page.getByRole('link', { name: 'Board' }).click();
    await showColumn(page, 'To do');

    // Archived and undone; trashed and restored; deleted for good.
    await openTask(page, 'Mend the sail');
    await panel.getByRole('button', { name: 'Task menu' }).click();
    await page.getByRole('menuitem', { name: 'Archive' }).click();
    await panel.getByText('Archived.').waitFor();
    await inColumn(page, 'To do', 'Mend the sail').waitFor({ state: 'detached' });
    await toast(page, 'BY-2 archived').getByRole('button', { name: /^Undo/ }).click();
    await toast(page, 'Undone').waitFor();
    await inColumn(page, 'To do', 'Mend the sail').waitFor({ state: 'attached' });
    await panel.getByRole('button', { name: 'Task menu' }).click();
    await page.getByRole('menuitem', { name: 'Archive' }).click();
    await panel.getByText('Archived.').waitFor();
    await closeTask(page);
    for (const title of ['Clean the bilge', 'Check the anchor']) {
      await openTask(page, title);
      await panel.getByRole('button', { name: 'Task menu' }).click();
      await page.getByRole('menuitem', { name: 'Move to trash' }).click();
      await panel.getByText('In the trash.').waitFor();
      await closeTask(page);
    }
    await saved(page);
    await place(page, 'Archive');
    const shelf = (title) => page.getByTestId('shelf-row').filter({ hasText: title });
    await shelf('Mend the sail').getByRole('button', { name: 'Restore' }).click();
    await page.getByRole('heading', { name: 'Nothing is archived' }).waitFor();
    await place(page, 'Trash');
    await shelf('Clean the bilge').getByRole('button', { name: 'Restore' }).click();
    await shelf('Clean the bilge').waitFor({ state: 'detached' });
    await shelf('Check the anchor').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog', { name: 'Delete for good' }).getByRole('button', { name: 'Delete for good' }).click();
    await page.getByRole('heading', { name: 'The trash is empty' }).waitFor();
    await place(page, 'Boat yard');
    await showColumn(page, 'To do');
    await card(page, 'Clean the bilge').waitFor();
    assert.deepEqual(await cardsOf(page, 'To do'), titles.slice(0, 5).with(0, 'Paint the hull blue'));
  },
};
