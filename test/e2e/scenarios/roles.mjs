// Who may see and do what: an owner, a member, a guest and a stranger.
import assert from 'node:assert/strict';
import { card, openTask, showColumn } from '../board.mjs';
import { addressOf } from '../people.mjs';
import { seedSmall } from '../seed.mjs';
import { openSidebar, password, signIn } from '../steps.mjs';

/** Makes an invitation on the members page and answers its link. */
async function invite(page, role, project) {
  await page.getByRole('radio', { name: new RegExp(`^${role}`) }).check();
  if (project) await page.getByRole('group', { name: 'Projects' }).getByText(project).click();
  await page.getByRole('button', { name: 'Make an invitation link' }).click();
  const link = await page.getByLabel('Invitation link').inputValue();
  await page.getByRole('button', { name: 'Done' }).click();
  return link;
}

/** Follows an invitation as somebody new; ends in the workspace. */
async function join(stage, link, name, email) {
  const page = await stage.newPage();
  await page.goto(link);
  await page.getByRole('link', { name: 'Create an account' }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Email').fill(addressOf(email));
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByText(`You join as ${name}`).waitFor();
  await page.getByRole('button', { name: 'Join the workspace' }).click();
  await page.waitForURL('**/w/**');
  return page;
}

export default {
  name: 'invite a member and a guest, each sees and does what is theirs',
  async run(stage) {
    const { at, ada, workspace, board, project } = await seedSmall(stage.base);
    const secret = await ada.post(`${at}/projects`, { name: 'Payroll', key: 'PAY', color: 'red' });
    await ada.post(`${at}/tasks`, { project: secret.id, title: 'Raise for the cook' });

    const owner = await stage.newPage();
    await signIn(owner, 'ada@example.org');
    await owner.goto(`/w/${workspace}/settings/members`);
    const forMember = await invite(owner, 'Member');
    const forGuest = await invite(owner, 'Guest', 'Boat yard');
    await owner.getByText('Open invitation as').nth(1).waitFor();
    assert.equal(await owner.getByText('Open invitation as').count(), 2);

    const member = await join(stage, forMember, 'Mo Member', 'mo@example.org');
    const guest = await join(stage, forGuest, 'Gus Guest', 'gus@example.org');
    await owner.getByTestId('member').filter({ hasText: 'Gus Guest' }).waitFor();
    await owner.getByTestId('member').filter({ hasText: 'Mo Member' }).waitFor();
    await owner.getByText('Open invitation as').first().waitFor({ state: 'detached' });

    // The member sees all of it, and administers nothing.
    await openSidebar(member);
    await member.getByRole('navigation', { name: 'Places' }).getByText('Payroll').waitFor();
    await member.goto(`/w/${workspace}/settings/members`);
    await member.getByTestId('member').filter({ hasText: 'Ada Example' }).waitFor();
    assert.equal(await member.getByRole('button', { name: /^Role/ }).count(), 0);
    assert.equal(await member.getByRole('button', { name: 'Make an invitation link' }).count(), 0);
    await member.goto(`/w/${workspace}/settings/workspace`);

    // The guest sees the one project, and reads and comments in it.
    await openSidebar(guest);
    const places = guest.getByRole('navigation', { name: 'Places' });
    await places.getByText('Boat yard').waitFor();
    assert.equal(await places.getByText('Payroll').count(), 0);
    await guest.goto(board);
    await showColumn(guest, 'To do');
    const panel = await openTask(guest, 'Paint the hull');
    await panel.getByLabel('Write a comment').fill('Which blue?');
    await panel.getByRole('button', { name: 'Comment', exact: true }).click();
    await panel.getByTestId('comment').filter({ hasText: 'Which blue?' }).waitFor();
    await guest.goto(`/w/${workspace}/p/${secret.id}`);
    await guest.getByRole('heading', { name: 'There is no such project' }).waitFor();

    // A comment of the guest arrives at the member's open board, live.
    await member.goto(board);
    await showColumn(member, 'To do');
    await card(member, 'Paint the hull').getByText('Comments').waitFor({ state: 'attached' });

    // Given more, then less: the guest's screen follows without a reload.
    await guest.goto(board);
    await openSidebar(guest);
    await places.getByText('Boat yard').waitFor();
    const { items } = await ada.get(`${at}/members`);
    const person = items.find((row) => row.role === 'guest').user;
    await ada.patch(`${at}/members/${person}`, { projects: [project, secret.id] });
    await places.getByText('Payroll').waitFor();
    await ada.patch(`${at}/members/${person}`, { projects: [project] });
    await places.getByText('Payroll').waitFor({ state: 'detached' });

    // A link works once.
    const late = await stage.newPage();
    await signIn(late, 'bo@example.org');
    await late.goto(forGuest);
    await late.getByRole('button', { name: 'Join the workspace' }).click();
    await late.getByRole('alert').filter({ hasText: /\w/ }).waitFor();
    stage.expectProblems(/status of 4\d\d/);

    // Somebody else's workspace is not there.
    const stranger = await stage.newPage();
    await stranger.goto('/register');
    await stranger.getByLabel('Name').fill('Sam Stranger');
    await stranger.getByLabel('Email').fill(addressOf('sam@example.org'));
    await stranger.getByLabel('Password').fill(password);
    await stranger.getByRole('button', { name: 'Create account' }).click();
    await stranger.waitForURL('**/new-workspace');
    for (const path of [board, `/w/${workspace}/settings/members`, `/w/${workspace}`]) {
      await stranger.goto(path);
      await stranger.getByRole('heading', { name: 'There is no such workspace' }).waitFor();
    }
    stage.expectProblems(/status of 404/);

    // Removed, the member is shown out while looking at the board.
    await owner.getByTestId('member').filter({ hasText: 'Mo Member' }).getByRole('button', { name: 'Menu of this member' }).click();
    await owner.getByRole('menuitem', { name: 'Remove from the workspace' }).click();
    await owner.getByTestId('member').filter({ hasText: 'Mo Member' }).waitFor({ state: 'detached' });
    await member.getByRole('heading', { name: 'This workspace is no longer shared with you' }).waitFor();
    await member.getByRole('link', { name: 'Go to your workspace' }).click();
    await member.waitForURL('**/new-workspace');
    stage.expectProblems(/status of 40[34]/);
  },
};
