// Everything on a board without a pointer: adding, moving, opening, closing,
// finding; the focus is always somewhere sensible.
import assert from 'node:assert/strict';
import { card, cardsOf, inColumn, saved } from '../board.mjs';
import { seedSmall } from '../seed.mjs';
import { signIn } from '../steps.mjs';

const focused = (locator) => locator.and(locator.page().locator(':focus')).waitFor({ state: 'attached' });
const said = (page, text) => page.locator('[aria-live=assertive]').filter({ hasText: text }).waitFor({ state: 'attached' });

export default {
  name: 'work a board by keyboard alone',
  viewports: ['desktop'],
  async run(stage) {
    const { at, ada, board, columns, tasks } = await seedSmall(stage.base);
    const page = await stage.newPage();
    await signIn(page, 'ada@example.org');
    await page.goto(board);
    await card(page, 'Order rope').waitFor();

    // The first Tab offers to skip what is beside the page.
    await page.keyboard.press('Tab');
    await focused(page.getByRole('link', { name: 'Skip to the page' }));
    await page.keyboard.press('Enter');
    const link = (title) => card(page, title).getByRole('link');
    let steps = 0;
    while (!(await link('Paint the hull').evaluate((element) => element === document.activeElement))) {
      await page.keyboard.press('Tab');
      steps += 1;
      assert.ok(steps < 40, 'Tab reaches the first card');
    }

    // Picked up, moved down, put down; the same card keeps the focus.
    await page.keyboard.press('Space');
    await said(page, 'Picked up BY-1. To do, place 1 of 3.');
    await page.keyboard.press('ArrowDown');
    await said(page, 'To do, place 2 of 3');
    await page.keyboard.press('Space');
    await said(page, 'Put down BY-1. To do, place 2 of 3.');
    await focused(link('Paint the hull'));
    await saved(page);
    assert.deepEqual(await cardsOf(page, 'To do'), ['Mend the sail', 'Paint the hull', 'Order rope']);

    // Across columns, and left where it was after all.
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    await said(page, 'In progress, place 1 of 1');
    await page.keyboard.press('Escape');
    await said(page, 'BY-1 stays where it was.');
    await focused(link('Paint the hull'));
    assert.equal((await ada.get(`${at}/tasks/${tasks[0].id}`)).column, columns['To do']);
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await inColumn(page, 'Review', 'Paint the hull').waitFor();
    await focused(link('Paint the hull'));
    await saved(page);
    assert.equal((await ada.get(`${at}/tasks/${tasks[0].id}`)).column, columns.Review);

    // Undone from the keyboard.
    await page.keyboard.press('Control+z');
    await inColumn(page, 'To do', 'Paint the hull').waitFor();

    // Opened and closed: the focus comes back to the card.
    await link('Mend the sail').focus();
    await page.keyboard.press('Enter');
    const panel = page.getByTestId('task-panel');
    await panel.getByLabel('Title').waitFor();
    await focused(panel);
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await focused(link('Mend the sail'));

    // In the panel Escape first leaves the field, then the panel.
    await page.keyboard.press('Enter');
    await panel.getByLabel('Title').focus();
    await page.keyboard.type(' not saved');
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.activeElement.tagName !== 'TEXTAREA');
    assert.equal(await panel.getByLabel('Title').inputValue(), 'Mend the sail');
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await card(page, 'Mend the sail').waitFor();

    // Quick add.
    await page.keyboard.press('c');
    const dialog = page.getByRole('dialog', { name: 'New task' });
    await focused(dialog.getByLabel('Title'));
    await page.keyboard.type('Scrape the barnacles');
    await page.keyboard.press('Enter');
    await inColumn(page, 'To do', 'Scrape the barnacles').waitFor();
    await dialog.waitFor({ state: 'detached' });

    // Search: by its shortcut and by the slash; arrows choose, Escape leaves.
    await page.keyboard.press('Control+k');
    const search = page.getByRole('combobox', { name: 'Search or jump to' });
    await focused(search);
    await page.keyboard.press('Escape');
    await search.waitFor({ state: 'detached' });
    await page.keyboard.press('/');
    await page.keyboard.type('barnacles');
    await page.getByRole('option', { name: /Scrape the barnacles/, selected: true }).waitFor();
    await page.keyboard.press('Enter');
    await panel.getByRole('textbox', { name: 'Title' }).waitFor();
    assert.equal(await panel.getByRole('textbox', { name: 'Title' }).inputValue(), 'Scrape the barnacles');
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });

    // The sheet of all keys.
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).getByText('Undo your last change').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor({ state: 'detached' });
  },
};
