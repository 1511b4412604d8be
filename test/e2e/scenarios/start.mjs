import assert from 'node:assert/strict';
import { expectOutage, newWorkspace, register } from '../steps.mjs';

export default {
  name: 'register, make a workspace, and find it after a power cut',
  kills: true,
  async run(stage) {
    const page = await stage.newPage();
    await register(page);
    const workspace = await newWorkspace(page);

    // The page is whole before the power goes: what of it is still loading then is another matter.
    await page.getByRole('main').getByRole('button', { name: 'New project' }).first().waitFor();
    await stage.server.kill();
    await stage.server.up();
    await page.goto('/');
    await page.waitForURL(`**/w/${workspace}`);
    // On a phone the name is in the closed drawer.
    await page.getByText('Seven Oaks').first().waitFor({ state: 'attached' });
    expectOutage(stage);

    // Somebody else sees nothing of it.
    const stranger = await stage.newPage();
    await register(stranger, { name: 'Bo Other', email: 'bo@example.org' });
    const answer = await stranger.request.get(`/api/v1/workspaces/${workspace}`);
    assert.equal(answer.status(), 401);
  },
};
