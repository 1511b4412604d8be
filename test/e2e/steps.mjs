// Steps that scenarios share. Each ends when what it did is on the screen.
import { addressOf } from './people.mjs';

export const password = 'a long pass phrase 42';

/** Makes an account through the form; ends at the page for the first workspace. */
export async function register(page, { name = 'Ada Example', email = 'ada@example.org' } = {}) {
  await page.goto('/register');
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Email').fill(addressOf(email));
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.waitForURL('**/new-workspace');
}

/** Makes a workspace through the form; ends in it, and answers its id. */
export async function newWorkspace(page, name = 'Seven Oaks') {
  await page.getByLabel('Workspace name').fill(name);
  await page.getByRole('button', { name: 'Create workspace' }).click();
  await page.waitForURL('**/w/*');
  return new URL(page.url()).pathname.split('/')[2];
}

/** Takes back the complaints of a browser whose server is away. */
export function expectOutage(stage) {
  stage.expectProblems(/Failed to load resource|ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED/);
}

/** Signs in through the form; ends where the app goes on to. */
export async function signIn(page, email) {
  await page.goto('/sign-in');
  await page.getByLabel('Email').fill(addressOf(email));
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => url.pathname !== '/sign-in');
}

export const onPhone = (stage) => stage.viewport.touch;

/** Waits until everything that a page loads has come: its fonts, its rows, its names. */
export async function settled(page) {
  await page.waitForFunction(
    () =>
      document.fonts.status === 'loaded' &&
      !document.querySelector('.animate-pulse-soft') &&
      document.getAnimations().every((animation) => animation.playState !== 'running'),
  );
}

/** Shows the places of the workspace: a phone keeps them in a drawer. */
export async function openSidebar(page) {
  const places = page.getByRole('complementary', { name: 'Workspace' });
  if (page.viewportSize().width < 768 && !(await places.isVisible())) {
    await page.getByRole('navigation', { name: 'Main' }).getByRole('button', { name: 'Menu' }).click();
  }
  await places.waitFor();
}

/** Puts the drawer away again, where there is one. */
export async function closeSidebar(page) {
  const close = page.getByRole('complementary', { name: 'Workspace' }).getByRole('button', { name: 'Close the menu' });
  if (!(await close.isVisible())) return;
  await close.click();
  await close.waitFor({ state: 'hidden' });
}
