// A workspace with a team and its board, as it looks after a few weeks of use.
import { Api } from './api.mjs';
import { team, teamBoard } from './fixtures/team-board.mjs';
import { trelloExport } from './fixtures/trello.mjs';

const address = (name) => `${name.split(' ')[0].toLowerCase()}@example.org`;

// The browser's zone, in the way that dates are written.
const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Berlin' });

const priorities = {
  urgent: ['Edits without a connection are kept and sent later'],
  high: ['Search matches accents and case alike', 'Move a card with the keyboard, announced as it moves', 'The indicator says what waits, since when and why', 'First card on the screen within 300 ms', 'Sign in with a passkey'],
  medium: ['Share target: send a link from the phone to the inbox', 'Take over checklists from paper forms', 'Rate limits are named in every answer', 'A form can be filled in twice', 'Names such as Çağrı Örnek are cut in half'],
  low: ['Dark theme follows the phone unless somebody chose one', 'Limits on columns with a gentle warning, not a wall', 'Compress what the phone sends', 'Keyboard map as a sheet'],
};

/**
 * Makes the team's accounts, their workspace, the imported board and a few
 * projects beside it. Answers { people, workspace, project }: people in the
 * order of the team, the first of whom owns it all.
 */
export async function seed(base) {
  const people = [];
  for (const name of team) people.push(await Api.register(base, name, address(name)));
  const [owner, ...rest] = people;
  const workspace = await owner.workspace('Harbour Works');
  for (const other of rest) await owner.invite(workspace, other, 'member');
  const { project } = await owner.importTrello(workspace, trelloExport(teamBoard), 'crew-app.json');
  const at = `/workspaces/${workspace}`;
  for (const [name, color] of [['Launch', 'orange'], ['Website', 'purple'], ['Office move', 'green']]) {
    await owner.post(`${at}/projects`, { name, color });
  }
  // The team takes over the tasks from the names that the import brought.
  const { items: members } = await owner.get(`${at}/members`);
  const real = new Map(
    members
      .filter((row) => row.kind === 'placeholder')
      .map((row) => [row.user, people[team.indexOf(row.name)]?.user.id]),
  );
  const tasks = await owner.all(`${at}/projects/${project}/tasks?state=live`);
  for (const task of tasks) {
    const patch = {};
    const assignees = task.assignees.map((id) => real.get(id) ?? id);
    if (assignees.length > 0) patch.assignees = assignees;
    const priority = Object.keys(priorities).find((one) => priorities[one].includes(task.title));
    if (priority) patch.priority = priority;
    // The board counts in days; Trello's dates have a time.
    if (task.due) patch.due = day.format(new Date(task.due));
    if (task.start) patch.start = day.format(new Date(task.start));
    if (Object.keys(patch).length > 0) await owner.patch(`${at}/tasks/${task.id}`, patch);
  }
  return { people, workspace, project, tasks };
}

/** The address that somebody of the team signs in with. */
export const emailOf = (n) => address(team[n]);

/**
 * Makes a small workspace: Ada owns it, Bo is a member, and its one project has
 * three tasks in To do. Answers who and what there is, columns by their names.
 */
export async function seedSmall(base) {
  const ada = await Api.register(base, 'Ada Example', 'ada@example.org');
  const bo = await Api.register(base, 'Bo Other', 'bo@example.org');
  const workspace = await ada.workspace('Seven Oaks');
  await ada.invite(workspace, bo, 'member');
  const at = `/workspaces/${workspace}`;
  const made = await ada.post(`${at}/projects`, { name: 'Boat yard', key: 'BY', color: 'teal' });
  const columns = Object.fromEntries(made.columns.map((column) => [column.name, column.id]));
  const tasks = [];
  for (const title of ['Paint the hull', 'Mend the sail', 'Order rope']) {
    tasks.push(await ada.post(`${at}/tasks`, { project: made.id, column: columns['To do'], title }));
  }
  return { ada, bo, workspace, project: made.id, columns, tasks, at, board: `/w/${workspace}/p/${made.id}` };
}
