// Opens every screen, light and dark, and holds it against what all of them
// keep: no wider than the window, clean for axe-core, nothing in the console.
// The pictures in the docs are taken on the way.
import { axeProblems, widthProblems } from '../axe.mjs';
import { writeExport } from '../fixtures/file.mjs';
import { teamBoard } from '../fixtures/team-board.mjs';
import { trelloExport } from '../fixtures/trello.mjs';
import { emailOf, seed } from '../seed.mjs';
import { onPhone, openSidebar, register, settled, signIn } from '../steps.mjs';

const both = ['light', 'dark'];

/** The screens that nobody has to be signed in for. */
const outside = [
  { name: 'signin', at: '/sign-in', see: 'Sign in to Headway', shots: both },
  { name: 'register', at: '/register', see: 'Create an account' },
  { name: 'invitation', at: '/join#made-up', see: 'You are invited' },
];

/**
 * The screens of the team's workspace. `see` is a heading, `go` what leads on
 * from the address; a screen without an address goes on from the one before.
 * `shots` and `phone` are the schemes of which the docs hold a picture.
 */
function inside({ workspace, project, people, rich, empty }) {
  const at = `/w/${workspace}`;
  const board = `${at}/p/${project}`;
  const heading = (page, name) => page.getByRole('heading', { name }).first().waitFor();
  const cards = (page) => page.getByTestId('card').first().waitFor();
  return [
    { name: 'board', at: board, go: cards, shots: both, phone: both },
    {
      name: 'panel', phoneName: 'task', at: `${board}?task=${rich}`, shots: both, phone: both,
      go: async (page) => {
        await page.getByTestId('task-panel').getByTestId('comment').first().waitFor();
        await page.getByTestId('task-panel').getByTestId('history').first().waitFor();
        await page.getByTestId('task-panel').getByRole('link', { name: 'sketch of the states', exact: true }).waitFor();
      },
    },
    {
      name: 'as it was', go: async (page) => {
        await page.getByTestId('history').getByRole('button', { name: /See it as it was/ }).first().click();
        await page.getByRole('dialog', { name: /as it was/ }).getByRole('heading', { level: 3 }).waitFor();
      },
    },
    { name: 'list', at: `${board}/list`, shots: both, phone: ['light'], go: (page) => page.getByTestId('row').first().waitFor() },
    {
      name: 'search', at: board, shots: both,
      go: async (page) => {
        await cards(page);
        await page.keyboard.press('Control+k');
        await page.getByRole('combobox', { name: 'Search or jump to' }).fill('photo');
        await page.getByRole('option', { name: /Photos keep their place/ }).waitFor();
      },
    },
    {
      name: 'new task', at: board,
      go: async (page) => {
        await cards(page);
        await page.keyboard.press('c');
        await page.getByRole('dialog', { name: 'New task' }).getByLabel('Title').waitFor();
      },
    },
    {
      name: 'keyboard', at: board,
      go: async (page) => {
        await cards(page);
        await page.keyboard.press('?');
        await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
      },
    },
    {
      name: 'project', at: board,
      go: async (page) => {
        await cards(page);
        await page.getByRole('button', { name: 'Project menu' }).click();
        await page.getByRole('menuitem', { name: 'Edit project' }).click();
        await page.getByRole('dialog', { name: 'Edit project' }).waitFor();
      },
    },
    { name: 'activity', at: `${board}?task=activity`, go: (page) => page.getByTestId('history').first().waitFor() },
    { name: 'empty board', at: `${at}/p/${empty}`, go: (page) => page.getByRole('button', { name: 'Add task', exact: true }).first().waitFor() },
    { name: 'projects', at: `${at}?all`, go: (page) => heading(page, 'Projects') },
    {
      name: 'menu', at: board, only: 'phone', phone: ['light'],
      go: async (page) => {
        await cards(page);
        await openSidebar(page);
      },
    },
    {
      name: 'import', at: `${at}/import`, see: 'Import',
      go: async (page) => {
        await page.getByLabel('Trello export').waitFor({ state: 'attached' });
      },
    },
    {
      name: 'import preview', picture: 'import', shots: both, go: async (page) => {
        const file = await writeExport('crew-app.json', trelloExport({ ...teamBoard, name: 'Crew app, last year' }));
        await page.getByLabel('Trello export').setInputFiles(file);
        await page.locator('[data-testid=import][data-state=ready]').waitFor();
        await page.getByRole('region', { name: 'Preview' }).waitFor();
      },
    },
    {
      name: 'import report', go: async (page) => {
        await page.getByRole('button', { name: 'Import it' }).click();
        await page.locator('[data-testid=import][data-state=done]').waitFor();
        await page.getByRole('region', { name: 'Report' }).waitFor();
      },
    },
    {
      name: 'inbox', at: `${at}/inbox`, shots: both, phone: ['light'],
      go: async (page) => {
        await page.getByTestId('notice').filter({ hasText: 'mentioned you in a comment' }).first().waitFor();
        await page.getByTestId('unread').filter({ visible: true }).waitFor();
      },
    },
    {
      name: 'inbox with a task', at: `${at}/inbox?task=${rich}`,
      go: (page) => page.getByTestId('task-panel').getByTestId('comment').first().waitFor(),
    },
    {
      name: 'insights', at: `${at}/insights?period=84`, shots: both, phone: both,
      go: async (page) => {
        await page.getByTestId('tile').first().waitFor();
        await page.getByRole('region', { name: 'Cycle time', exact: true }).getByRole('img').waitFor();
        await page.getByRole('region', { name: 'Throughput', exact: true }).getByRole('img').waitFor();
        await page.getByRole('region', { name: 'When will it be done?' }).getByRole('img').waitFor();
      },
    },
    {
      name: 'people', at: `${at}/insights/people`, shots: both, phone: both,
      go: async (page) => {
        await page.getByRole('region', { name: 'Finished by person', exact: true }).getByRole('listitem').first().waitFor();
        await page.getByRole('region', { name: 'Active people', exact: true }).getByRole('img').waitFor();
      },
    },
    {
      name: 'usage', at: `${at}/insights/usage`, shots: both, phone: both,
      go: (page) => page.getByRole('region', { name: 'What the app is used for', exact: true }).getByText(/Pages opened|Nothing was counted/).waitFor(),
    },
    { name: 'archive', at: `${at}/archive`, go: (page) => page.getByTestId('shelf-row').first().waitFor() },
    { name: 'trash', at: `${at}/trash`, go: (page) => heading(page, 'The trash is empty') },
    { name: 'members', at: `${at}/settings/members`, shots: ['light'], go: (page) => page.getByTestId('member').getByText(people[3].user.name).waitFor() },
    { name: 'labels', at: `${at}/settings/labels`, go: (page) => page.getByTestId('label').first().waitFor() },
    { name: 'workspace', at: `${at}/settings/workspace`, go: (page) => page.getByLabel('Name of the workspace').waitFor() },
    { name: 'notifications', at: `${at}/settings/notifications`, shots: ['light'], go: (page) => page.getByRole('checkbox', { name: 'Mentions: Email' }).waitFor() },
    { name: 'profile', at: `${at}/settings/profile`, go: (page) => page.getByLabel('Your name').waitFor() },
    { name: 'no such project', at: `${at}/p/0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e4f`, go: (page) => heading(page, 'There is no such project') },
    { name: 'no such task', at: `${board}?task=0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e4f`, missing: true, go: (page) => heading(page, 'There is no such task') },
    { name: 'no such workspace', at: '/w/0190a5c2-7b7e-7cc3-9b1a-3f5f0c1d2e4f', missing: true, go: (page) => heading(page, 'There is no such workspace') },
    { name: 'nothing here', at: '/no/such/page', go: (page) => heading(page, 'There is nothing here') },
  ];
}

/** What others do that concerns the first of the team; she has read the older half of it. */
async function tell([owner, ...others], workspace, tasks, rich) {
  const at = `/workspaces/${workspace}/tasks`;
  const me = `@[${owner.user.name}](user:${owner.user.id})`;
  const mine = tasks.filter((task) => task.id !== rich).slice(0, 4);
  for (const [n, task] of mine.entries()) {
    const other = others[n % others.length];
    const { assignees } = await other.get(`${at}/${task.id}`);
    const without = assignees.filter((id) => id !== owner.user.id);
    await other.patch(`${at}/${task.id}`, { assignees: without });
    await other.patch(`${at}/${task.id}`, { assignees: [...without, owner.user.id] });
    await other.post(`${at}/${task.id}/comments`, { text: 'I have a first sketch of this, it hangs at the board.' });
  }
  // A small project gets going: some of it is done, some begun.
  const { items: projects } = await owner.get(`/workspaces/${workspace}/projects`);
  const { id: launch, columns } = projects.find((row) => row.name === 'Launch');
  const [active, done] = ['active', 'done'].map((category) => columns.find((column) => column.category === category).id);
  const steps = [[active, done], [active, done], [active, done], [active], [], [], []];
  for (const [n, moves] of steps.entries()) {
    const task = await others[n % others.length].post(at, { project: launch, title: `Harbour ${n + 1} has its poster` });
    for (const column of moves) await owner.patch(`${at}/${task.id}`, { column });
  }
  const [{ id }] = (await owner.get('/inbox?limit=1')).items;
  await owner.post('/inbox/read-up-to', { notice: id });
  await others[0].post(`${at}/${rich}/comments`, { text: `${me}, does the new wording say enough? I would leave the rest.` });
  await others[1].post(`${at}/${mine[0].id}/comments`, { text: `${me} please look at this before Friday.` });
}

async function look(stage, page, screen, problems) {
  const phone = onPhone(stage);
  if (screen.only && screen.only !== stage.viewport.name) return;
  try {
    if (screen.at) await page.goto(screen.at);
    if (screen.see) await page.getByRole('heading', { name: screen.see }).first().waitFor();
    await screen.go?.(page);
  } catch (error) {
    problems.push(`${screen.name} does not open: ${error}`);
    return;
  }
  const wanted = (phone ? screen.phone : screen.shots) ?? [];
  for (const scheme of both) {
    await page.emulateMedia({ colorScheme: scheme });
    await settled(page);
    const found = [...(await widthProblems(page)), ...(await axeProblems(page, { coloursOnly: scheme === 'dark' }))];
    problems.push(...found.map((problem) => `${screen.name}, ${scheme}: ${problem}`));
    const name = phone ? `phone-${screen.phoneName ?? screen.name}` : (screen.picture ?? screen.name);
    if (wanted.includes(scheme)) await stage.shot(page, `${name}-${scheme}`);
  }
  if (screen.missing) stage.expectProblems(/status of 40[34]/);
}

export default {
  name: 'every screen is clean, light and dark',
  async run(stage) {
    const { people, workspace, project, tasks } = await seed(stage.base);
    const rich = tasks.find((task) => task.title.startsWith('Edits without')).id;
    const { items: projects } = await people[0].get(`/workspaces/${workspace}/projects`);
    await tell(people, workspace, tasks, rich);
    const empty = projects.find((row) => row.name === 'Office move').id;
    const page = await stage.newPage();
    const problems = [];
    for (const screen of outside) await look(stage, page, screen, problems);
    await signIn(page, emailOf(0));
    for (const screen of inside({ workspace, project, people, rich, empty })) await look(stage, page, screen, problems);

    // Somebody new: the first workspace, and what it looks like with nothing in it.
    const fresh = await stage.newPage();
    await register(fresh, { name: 'Nia New', email: 'nia@example.org' });
    await look(stage, fresh, { name: 'new workspace', see: 'Welcome, Nia' }, problems);
    await fresh.getByLabel('Workspace name').fill('Seven Oaks');
    await fresh.getByRole('button', { name: 'Create workspace' }).click();
    await look(stage, fresh, { name: 'first project', see: 'Start your first project' }, problems);
    if (problems.length > 0) throw new Error(problems.join('\n'));
  },
};
