// What one person does shows in the inbox of another: counted, opened, marked,
// and only what they want to hear of.
import assert from 'node:assert/strict';
import { axeProblems, widthProblems } from '../axe.mjs';
import { openTask, saved, showColumn } from '../board.mjs';
import { seedSmall } from '../seed.mjs';
import { closeSidebar, onPhone, openSidebar, settled, signIn } from '../steps.mjs';

/** The row of a notice, by what it says. */
const notice = (page, text) => page.getByTestId('notice').filter({ hasText: text });

/** Goes to the inbox as a person does. */
async function openInbox(page) {
  if (page.viewportSize().width < 768) {
    await page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: /^Inbox/ }).click();
  } else {
    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: /^Inbox/ }).click();
  }
  await page.getByRole('heading', { name: 'Inbox', level: 1 }).waitFor();
}

/** Waits until the count beside the inbox is a number; 0 is none at all. */
async function unread(page, count) {
  const shown = page.getByTestId('unread').filter({ visible: true });
  if (count === 0) await shown.waitFor({ state: 'detached' });
  else await shown.filter({ hasText: new RegExp(`^${count} unread$`) }).waitFor();
}

async function clean(page, what) {
  await settled(page);
  const found = [...(await widthProblems(page)), ...(await axeProblems(page))];
  assert.deepEqual(found, [], what);
}

export default {
  name: 'an inbox tells of assignments and mentions',
  shared: true,
  services: true,
  async run(stage) {
    const { ada, bo, workspace, board, tasks, at } = await seedSmall(stage.base);
    const [hull, sail] = tasks;

    const adas = await stage.newPage();
    await signIn(adas, 'ada@example.org');
    await adas.goto(`/w/${workspace}/inbox`);
    await notice(adas, 'joined Seven Oaks by your invitation').waitFor();
    await unread(adas, 1);

    // Bo writes: @ opens the members, the keyboard takes one, and it is drawn with her name of now.
    const bos = await stage.newPage();
    await signIn(bos, 'bo@example.org');
    await bos.goto(`/w/${workspace}/inbox`);
    await bos.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
    await clean(bos, 'the empty inbox');
    await bos.goto(board);
    await showColumn(bos, 'To do');
    const panel = await openTask(bos, 'Paint the hull');
    const box = panel.getByLabel('Write a comment');
    await box.pressSequentially('Which blue, @ad');
    await panel.getByRole('option', { name: 'Ada Example' }).waitFor();
    assert.equal(await panel.getByRole('option').count(), 1);
    await clean(bos, 'the people to mention');
    await box.press('Escape');
    await panel.getByRole('listbox').waitFor({ state: 'detached' });
    assert.equal(await panel.isVisible(), true, 'Escape closed the list alone');
    await box.pressSequentially('a');
    await box.press('Enter');
    assert.equal(await box.inputValue(), 'Which blue, @Ada Example ');
    await box.pressSequentially('do you like?');
    await panel.getByRole('button', { name: 'Comment', exact: true }).click();
    await panel.getByTestId('comment').locator('[data-mention=other]', { hasText: '@Ada Example' }).waitFor();
    await saved(bos);
    const { items: comments } = await bo.get(`${at}/tasks/${hull.id}/comments`);
    assert.equal(comments[0].text, `Which blue, @[Ada Example](user:${ada.user.id}) do you like?`);

    // In a description, by the pointer; edited again, the mention stays one.
    await panel.getByRole('button', { name: 'Add a description' }).click();
    const text = panel.getByLabel('Description').and(bos.locator('textarea'));
    await text.pressSequentially('Ask @');
    await panel.getByRole('option', { name: 'Ada Example' }).click();
    await panel.getByRole('button', { name: /^Save/ }).click();
    await panel.getByRole('button', { name: 'Edit description' }).click();
    assert.equal(await text.inputValue(), 'Ask @Ada Example ');
    await text.press('End');
    await text.pressSequentially('first');
    await panel.getByRole('button', { name: /^Save/ }).click();
    await panel.getByRole('region', { name: 'Description' }).locator('[data-mention=other]', { hasText: '@Ada Example' }).waitFor();
    await saved(bos);
    const { description } = await bo.get(`${at}/tasks/${hull.id}`);
    assert.equal(description.trim(), `Ask @[Ada Example](user:${ada.user.id}) first`);

    await bo.patch(`${at}/tasks/${sail.id}`, { assignees: [ada.user.id] });

    // It is counted where she is, and listed newest first.
    await unread(adas, 4);
    await notice(adas, 'assigned you').filter({ hasText: 'Bo Other' }).waitFor();
    const rows = await adas.getByTestId('notice').allInnerTexts();
    assert.match(rows[0], /Bo Other\s+assigned you/);
    assert.match(rows[0], /BY-2\s+Mend the sail/);
    assert.match(rows[1], /mentioned you in the description/);
    assert.match(rows[2], /mentioned you in a comment/);
    await clean(adas, 'the inbox');

    // Opened, its task stands beside it, drawn for the reader, and the notice is read.
    await openInbox(adas);
    await notice(adas, 'in a comment').getByRole('link').click();
    const task = adas.getByTestId('task-panel');
    await task.getByTestId('comment').locator('[data-mention=me]', { hasText: '@Ada Example' }).waitFor();
    await task.getByRole('button', { name: 'Close', exact: true }).click();
    await task.waitFor({ state: 'detached' });
    await unread(adas, 3);
    await saved(adas);

    // Marked by its button and by a key, and back.
    await notice(adas, 'assigned you').getByRole('button', { name: 'Mark as read' }).click();
    await unread(adas, 2);
    await notice(adas, 'assigned you').getByRole('button', { name: 'Mark as unread' }).click();
    await unread(adas, 3);
    if (!onPhone(stage)) {
      await adas.evaluate(() => document.activeElement?.blur());
      await adas.keyboard.press('j');
      await adas.keyboard.press('r');
      await unread(adas, 2);
      await adas.keyboard.press('r');
      await unread(adas, 3);
    }

    // Only what is unread; then all of it is read, also after a reload and at the server.
    await adas.getByRole('button', { name: 'Unread', exact: true }).click();
    await notice(adas, 'in a comment').waitFor({ state: 'detached' });
    await adas.getByTestId('notice').nth(2).waitFor();
    assert.equal(await adas.getByTestId('notice').count(), 3);
    await adas.getByRole('button', { name: 'Mark all as read' }).click();
    await unread(adas, 0);
    await saved(adas);
    await adas.reload();
    await adas.getByTestId('notice').first().waitFor();
    await adas.getByRole('button', { name: 'Unread', exact: true }).click();
    await adas.getByRole('heading', { name: 'Nothing unread' }).waitFor();
    assert.equal((await ada.get('/inbox/count')).unread, 0);

    // Without a server: a mark waits with all other changes, and arrives.
    await adas.getByRole('button', { name: 'All', exact: true }).click();
    await notice(adas, 'assigned you').waitFor();
    await adas.route('**/api/v1/inbox/**', (route) => route.abort());
    await notice(adas, 'assigned you').getByRole('button', { name: 'Mark as unread' }).click();
    await notice(adas, 'assigned you').getByRole('button', { name: 'Mark as read' }).waitFor();
    await adas.locator('[data-testid=sync][data-standing=waiting]').waitFor({ state: 'attached' });
    await adas.unroute('**/api/v1/inbox/**');
    await saved(adas);
    await unread(adas, 1);
    assert.equal((await ada.get('/inbox/count')).unread, 1);
    stage.expectProblems(/Failed to load resource/);

    // What she does not want to hear of does not come.
    await adas.getByRole('link', { name: 'Choose what you hear of' }).click();
    const wanted = adas.getByRole('checkbox', { name: 'Assignments: Inbox' });
    assert.equal(await wanted.isChecked(), true);
    await clean(adas, 'the choice of notifications');
    const changed = adas.waitForResponse((answer) => answer.request().method() === 'PATCH' && answer.ok());
    await wanted.uncheck();
    await changed;
    // The notice of an assignment that was unread is gone with the choice.
    await unread(adas, 0);
    await adas.reload();
    await wanted.waitFor();
    assert.equal(await wanted.isChecked(), false);
    await bo.patch(`${at}/tasks/${hull.id}`, { assignees: [ada.user.id] });
    await bo.post(`${at}/tasks/${sail.id}/comments`, { text: `@[Ada](user:${ada.user.id}) it is torn` });
    await unread(adas, 1);
    await openInbox(adas);
    await notice(adas, 'mentioned you in a comment').nth(1).waitFor();
    assert.equal(await notice(adas, 'assigned you').count(), 0);
    if (onPhone(stage)) {
      await openSidebar(adas);
      await adas.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: /^Inbox/ }).waitFor();
      await closeSidebar(adas);
    }
  },
};
