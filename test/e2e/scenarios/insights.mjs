// The dashboard says what happened: tasks made, worked on and done, by whom.
import assert from 'node:assert/strict';
import { axeProblems, widthProblems } from '../axe.mjs';
import { seedSmall } from '../seed.mjs';
import { openSidebar, settled, signIn } from '../steps.mjs';

const tile = (page, name) => page.getByTestId('tile').filter({ hasText: name });
const chart = (page, name) => page.getByRole('region', { name, exact: true });

/** Shows the numbers of a chart as a table, and answers its rows as texts. */
async function numbers(page, name) {
  await chart(page, name).getByRole('button', { name: `${name} as a table` }).click();
  const rows = chart(page, name).getByRole('row');
  await rows.first().waitFor();
  const texts = await rows.evaluateAll((all) => all.map((row) => [...row.cells].map((cell) => cell.innerText.trim())));
  await chart(page, name).getByRole('button', { name: `${name} as a chart` }).click();
  return texts;
}

async function clean(page, what) {
  await settled(page);
  const found = [...(await widthProblems(page)), ...(await axeProblems(page))];
  assert.deepEqual(found, [], what);
}

export default {
  name: 'insights say what was done',
  shared: true,
  services: true,
  async run(stage) {
    const { ada, bo, workspace, project, columns, tasks, at } = await seedSmall(stage.base);
    const [hull, sail] = tasks;
    const other = await ada.post(`${at}/projects`, { name: 'Payroll', key: 'PAY', color: 'red' });

    const page = await stage.newPage();
    await signIn(page, 'ada@example.org');
    await page.goto(`/w/${workspace}/insights?project=${other.id}`);
    await chart(page, 'Throughput').getByText('Nothing was created or completed in these days.').waitFor();
    await chart(page, 'Cycle time').getByText('No task went from being worked on to done').waitFor();
    await clean(page, 'a project without tasks');

    // One task is worked on and done, one is done at once, one stays; one is elsewhere.
    await bo.patch(`${at}/tasks/${hull.id}`, { column: columns['In progress'] });
    await bo.patch(`${at}/tasks/${hull.id}`, { column: columns.Done });
    await ada.patch(`${at}/tasks/${sail.id}`, { column: columns.Done });
    await ada.post(`${at}/tasks`, { project: other.id, title: 'Raise for the cook' });

    await openSidebar(page);
    await page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: 'Insights' }).click();
    await page.waitForURL((url) => url.search === '');
    // Figures follow the work by a moment.
    await until(async () => (await ada.get(`${at}/analytics/summary`)).completed === 2);
    await page.reload();
    await tile(page, 'Created').getByText('4', { exact: true }).waitFor();
    await tile(page, 'Completed').getByText('2', { exact: true }).waitFor();
    await tile(page, 'Completed').getByText('2 more than before').waitFor();
    await tile(page, 'Open now').getByText('2', { exact: true }).waitFor();
    await tile(page, 'Cycle time').getByText('< 1 min', { exact: true }).waitFor();
    await clean(page, 'the charts');

    assert.deepEqual((await numbers(page, 'Throughput')).slice(0, 2).map((row) => row.slice(1)), [['Created', 'Completed'], ['4', '2']]);
    const flow = await numbers(page, 'Cumulative flow');
    const today = Object.fromEntries(flow[0].map((name, index) => [name, flow[1][index]]));
    assert.equal(today.Done, '2');
    const cycle = await numbers(page, 'Cycle time');
    assert.equal(cycle.length, 2, 'only what was worked on has a cycle time');

    // Of one project, by its columns; over a longer time, by weeks. The address keeps both.
    await page.getByLabel('Project', { exact: true }).selectOption({ label: 'Boat yard' });
    await tile(page, 'Created').getByText('3', { exact: true }).waitFor();
    await chart(page, 'Cumulative flow').getByText('To do', { exact: true }).waitFor();
    await page.getByLabel('Period', { exact: true }).selectOption({ label: 'Last 12 weeks' });
    await chart(page, 'Throughput').getByText('by week').waitFor();
    await page.reload();
    await tile(page, 'Created').getByText('3', { exact: true }).waitFor();
    assert.equal((await numbers(page, 'Throughput'))[0][0], 'Week of');
    assert.equal(new URL(page.url()).search, `?project=${project}&period=84`);
    await clean(page, 'one project by weeks');

    // A dot is a finished task.
    await chart(page, 'Cycle time').locator('[data-dot]').click();
    await page.getByTestId('task-panel').getByLabel('Title').waitFor();
    assert.match(page.url(), new RegExp(`task=${hull.id}`));

    // Too little was done to tell when the rest will be; a day after more was, there is enough.
    await page.goto(`/w/${workspace}/insights`);
    await chart(page, 'When will it be done?').getByText('too few to tell').waitFor();
    for (let n = 0; n < 4; n++) {
      const task = await ada.post(`${at}/tasks`, { project: other.id, title: `Payslip ${n + 1}`, assignees: [bo.user.id] });
      await ada.patch(`${at}/tasks/${task.id}`, { column: other.columns.find((one) => one.name === 'Done').id });
    }
    await until(async () => (await ada.get(`${at}/analytics/summary`)).completed === 6);
    const later = await stage.newPage();
    await signIn(later, 'ada@example.org');
    await later.clock.setFixedTime(Date.now() + 86_400_000);
    await later.goto(`/w/${workspace}/insights`);
    const forecast = await numbers(later, 'When will it be done?');
    assert.deepEqual(forecast[0], ['Done by', 'Of 100 times']);
    assert.ok(forecast.slice(1).reduce((sum, row) => sum + Number(row[1]), 0) > 97, 'all futures are in the table');
    await chart(later, 'When will it be done?').getByText('95%', { exact: true }).waitFor();
    await clean(later, 'the forecast');
    await later.close();

    // Who finished what they were assigned to; the tabs keep what was chosen.
    const tabs = page.getByRole('navigation', { name: 'Insights' });
    await page.getByLabel('Period', { exact: true }).selectOption({ label: 'Last 7 days' });
    await tabs.getByRole('link', { name: 'People' }).click();
    await page.waitForURL((url) => url.pathname.endsWith('/insights/people') && url.search === '?period=7');
    // Who a row is about is known when the people of the workspace are, which is another question.
    await chart(page, 'Finished by person').getByText('Bo Other').waitFor();
    assert.deepEqual((await numbers(page, 'Finished by person')).slice(0, 2), [
      ['Person', 'Completed', 'Reopened', 'New'],
      ['Bo Other', '4', '0', '4'],
    ]);
    assert.deepEqual((await numbers(page, 'Active people')).slice(1).find((row) => row[1] !== '0')?.slice(1), ['2']);
    await clean(page, 'people');

    // The app tells of its use when its page goes, until she chooses otherwise.
    await page.goto(`/w/${workspace}/settings/profile`);
    const choice = page.getByRole('checkbox', { name: /^Count how I use Headway/ });
    await choice.and(page.locator(':enabled')).waitFor();
    await until(async () => {
      const { series } = await ada.get(`${at}/analytics/usage`);
      return series.find((one) => one.name === 'view_opened').counts.some((count) => count > 0);
    });
    await page.goto(`/w/${workspace}/insights/usage`);
    await chart(page, 'What the app is used for').getByText('Pages opened').waitFor();
    await chart(page, 'Use over time').getByRole('img').waitFor();
    assert.equal(await page.getByLabel('Project', { exact: true }).count(), 0);
    await clean(page, 'use');
    await page.getByRole('link', { name: 'Choose for yourself' }).click();
    await choice.and(page.locator(':enabled')).waitFor();
    await clean(page, 'the choice of what is counted');
    const chosen = page.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.ok());
    await choice.click();
    await chosen;
    await page.reload();
    await choice.and(page.locator(':enabled')).waitFor();
    assert.equal(await choice.isChecked(), false);

    // Without the service the page says so, and goes on when asked.
    await page.route('**/analytics/**', (route) => route.fulfill({ status: 500, contentType: 'application/problem+json', body: '{"status":500,"code":"internal","title":"Broken","detail":"The figures are away."}' }));
    await page.goto(`/w/${workspace}/insights`);
    await chart(page, 'Throughput').getByText('The figures are away.').waitFor();
    const again = chart(page, 'Throughput').getByRole('button', { name: 'Try again' });
    const asked = page.waitForResponse((answer) => answer.url().includes('/throughput'));
    await again.click();
    assert.equal((await asked).status(), 500);
    await chart(page, 'Throughput').getByText('The figures are away.').waitFor();
    await page.unroute('**/analytics/**');
    // The page also asks by itself when something changes: then the button is gone.
    const drawn = chart(page, 'Throughput').getByRole('img').waitFor();
    await Promise.race([drawn, again.click().catch(() => drawn)]);
    await drawn;
    stage.expectProblems(/Failed to load resource/);
  },
};

/** Asks until it is so. */
async function until(so) {
  const end = Date.now() + 15_000;
  while (!(await so())) {
    if (Date.now() > end) throw new Error('the figures did not follow the work');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
