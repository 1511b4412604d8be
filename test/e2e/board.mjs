// What a person does with cards on a board, by mouse and by finger.
import assert from 'node:assert/strict';

const onPhone = (page) => page.viewportSize().width < 768;

/** The card of a title, wherever it is shown. */
export const card = (page, title) => page.getByTestId('card').filter({ has: page.getByRole('heading', { name: title, exact: true }) });

/** A column, by its name. */
export const column = (page, name) => page.getByRole('region', { name, exact: true });

/** The card of a title in a column. */
export const inColumn = (page, name, title) =>
  column(page, name).getByTestId('card').filter({ has: page.getByRole('heading', { name: title, exact: true }) });

/** The titles of the cards that a column shows, in their order from the top. */
export async function cardsOf(page, name) {
  const cards = await column(page, name).getByTestId('card').evaluateAll((all) =>
    all.map((one) => [one.getBoundingClientRect().top, one.querySelector('h3').textContent]),
  );
  return cards.sort(([a], [b]) => a - b).map(([, title]) => title);
}

const tabOf = (page, name) =>
  page.getByRole('navigation', { name: 'Columns' }).getByRole('button', { name: new RegExp(`${name} \\d+$`) });

/** Brings a column in sight: a phone shows one at a time, chosen by tabs. */
export async function showColumn(page, name) {
  if (onPhone(page)) await tabOf(page, name).click();
  await column(page, name).waitFor();
}

const middle = ({ x, y, width, height }) => [x + width / 2, y + height / 2];

/** Drags a card to a column: by mouse to its top, or by a long press to its tab. */
export async function dragCard(stage, page, title, name) {
  if (stage.viewport.touch) await dragByFinger(page, title, name);
  else await dragByMouse(page, title, name);
  await saved(page);
}

async function dragByMouse(page, title, name) {
  const from = card(page, title);
  await from.scrollIntoViewIfNeeded();
  const to = column(page, name);
  await to.scrollIntoViewIfNeeded();
  const [x, y] = middle(await from.boundingBox());
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 12, y + 4);
  // A board scrolls below a card that is held near its edge: the hand follows the column.
  const until = Date.now() + 15_000;
  for (let before = null; ; ) {
    const target = await to.boundingBox();
    await page.mouse.move(target.x + target.width / 2, target.y + 60, { steps: 8 });
    if (target.x === before && (await to.getByTestId('drop-gap').isVisible())) break;
    assert.ok(Date.now() < until, `${title} is never above ${name}`);
    before = target.x;
    await page.waitForTimeout(100);
  }
  await page.mouse.up();
}

async function dragByFinger(page, title, name) {
  const from = card(page, title);
  await from.scrollIntoViewIfNeeded();
  const tab = tabOf(page, name);
  await tab.scrollIntoViewIfNeeded();
  const finger = await page.context().newCDPSession(page);
  const touch = (type, points) =>
    finger.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y]) => ({ x, y })) });
  const start = middle(await from.boundingBox());
  const end = middle(await tab.boundingBox());
  await touch('touchStart', [start]);
  // Held long enough, the card is lifted: its gap is there before the finger moves.
  await page.getByTestId('drop-gap').waitFor();
  for (let step = 1; step <= 8; step += 1) {
    await touch('touchMove', [start.map((at, axis) => at + ((end[axis] - at) * step) / 8)]);
  }
  await column(page, name).getByTestId('drop-gap').waitFor();
  await touch('touchEnd', []);
  await finger.detach();
  assert.equal(await page.getByTestId('task-panel').count(), 0, 'a drag opens no task');
}

/** Opens a task from its card and answers its panel. */
export async function openTask(page, title) {
  await card(page, title).getByRole('link').click();
  const panel = page.getByTestId('task-panel');
  await panel.getByLabel('Title').waitFor();
  return panel;
}

/** Closes the task that is open. */
export async function closeTask(page) {
  const panel = page.getByTestId('task-panel');
  await panel.getByRole('button', { name: 'Close', exact: true }).click();
  await panel.waitFor({ state: 'detached' });
}

/** Waits until the app says that everything is saved. */
export async function saved(page) {
  await page.locator('[data-testid=sync][data-standing=saved]').waitFor({ state: 'attached' });
}
