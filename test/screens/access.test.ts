import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../harness/wait-for.ts';
import { accessibilityProblems } from './browser.ts';
import { openDemoConsole, type DemoConsole } from './demo-console.ts';
import { bulkhead } from './demo-program.ts';

/** Rights as a person gives and takes them, against a real cluster of three nodes. */
describe('access on the screens of the console', () => {
  let room: DemoConsole;
  let token = '';

  beforeAll(async () => {
    room = await openDemoConsole('access');
  });
  afterAll(() => room[Symbol.asyncDispose]());

  const page = () => room.page;
  const go = (address: string): Promise<unknown> => room.go(address);
  const put = async (path: string): Promise<number> => (await fetch(`${room.demo.balancer}/artifactory/${path}`, { method: 'PUT', body: 'x', headers: { authorization: `Bearer ${token}` } })).status;

  it('creates a user that has no right by itself', async () => {
    await page().keyboard.press('Control+i');
    await page().getByRole('button', { name: 'Create user' }).click();
    const dialog = page().getByTestId('user');
    await dialog.getByRole('button', { name: 'Create user' }).click();
    await dialog.getByText('A name is needed').waitFor();
    await dialog.getByLabel('Name').fill('ci-team');
    await dialog.getByRole('button', { name: 'Create user' }).click();
    await page().getByRole('row', { name: /^ci-team/ }).waitFor();
    expect(await accessibilityProblems(page())).toEqual([]);
  });

  it('cannot be made to lock itself out, and says why, even where another administrator is left', async () => {
    await bulkhead(room.environment, ['user', 'create', 'second-admin', '--role', 'admin']);
    await go('/access');
    const own = page().getByRole('row', { name: /^admin/ });
    await own.getByRole('button', { name: /^Remove/ }).and(page().locator('[aria-disabled=true]')).hover();
    await page().getByText('This app signs in as admin: it would lock itself out').first().waitFor();
    await own.getByRole('button', { name: 'admin', exact: true }).click();
    const dialog = page().getByTestId('user');
    await dialog.getByText('it has to stay an enabled administrator').waitFor();
    expect(await dialog.getByLabel('Role').isDisabled()).toBe(true);
    expect(await dialog.getByLabel(/^Disabled/).isDisabled()).toBe(true);
    expect(await accessibilityProblems(page())).toEqual([]);
    await page().keyboard.press('Escape');
    for (const args of [['remove', 'admin'], ['change', 'admin', '--role', 'reader'], ['change', 'admin', '--disable']]) {
      await expect(bulkhead(room.environment, ['user', ...args])).rejects.toThrow(/This app signs in as admin/);
    }
    await bulkhead(room.environment, ['user', 'change', 'admin', '--role', 'admin']);
    await bulkhead(room.environment, ['user', 'remove', 'second-admin']);
  });

  it('shows a token once, and it is the user', async () => {
    await go('/access/tokens');
    await page().getByLabel('For', { exact: true }).selectOption('ci-team');
    await page().getByLabel('What it is for').fill('a build');
    await page().getByRole('button', { name: 'Create token' }).click();
    const made = page().getByTestId('token');
    await made.getByRole('button', { name: 'Show' }).click();
    token = await made.locator('.value').textContent() ?? '';
    await made.getByRole('button', { name: 'I have it' }).click();
    expect(await page().content()).not.toContain(token);
    expect(await put('generic-local/team/a.txt')).toBe(403);
  });

  it('gives a right through a group, for some paths, on every node at once', async () => {
    await go('/access/groups');
    await page().getByRole('button', { name: /^Create/ }).first().click();
    const group = page().getByTestId('group');
    await group.getByLabel('Name').fill('team');
    await group.getByRole('checkbox', { name: 'ci-team' }).check();
    await group.getByRole('button', { name: 'Create group' }).click();
    await page().getByRole('row', { name: /^team/ }).waitFor();
    await go('/access/permissions');
    await page().getByRole('button', { name: /^Create/ }).first().click();
    const target = page().getByTestId('permission');
    await target.getByLabel('Name').fill('team-deploys');
    await target.getByRole('checkbox', { name: 'generic-local' }).check();
    await target.getByLabel('Only paths like').fill('team/**');
    await target.getByLabel('Add').selectOption('group team');
    await target.getByRole('checkbox', { name: 'team: Deploy' }).check();
    expect(await accessibilityProblems(page())).toEqual([]);
    await target.getByRole('button', { name: 'Create permission target' }).click();
    await page().getByRole('row', { name: /^team-deploys/ }).waitFor();
    for (let round = 0; round < 6; round += 1) expect(await put(`generic-local/team/${round}.txt`)).toBe(201);
    expect(await put('generic-local/other/a.txt')).toBe(403);
  });

  it('explains why, and why not', async () => {
    await go('/access/why');
    await page().getByLabel('User').selectOption('ci-team');
    await page().getByLabel('Action').selectOption('deploy');
    await page().getByLabel('Repository').selectOption('generic-local');
    await page().getByRole('textbox', { name: 'at' }).fill('team/new.txt');
    const answer = page().getByTestId('why');
    await answer.getByText('ci-team may deploy generic-local/team/new.txt').waitFor();
    expect(await answer.textContent()).toContain('team-deploys');
    await page().getByRole('textbox', { name: 'at' }).fill('other/new.txt');
    await answer.getByText('ci-team may not deploy generic-local/other/new.txt').waitFor();
    expect(await answer.textContent()).toContain('team/**');
    await expect(bulkhead(room.environment, ['permission', 'explain', 'ci-team', 'delete', 'generic-local/team/0.txt', '--json'])).rejects.toThrow();
  });

  it('takes it away again, and says from whom first', async () => {
    await go('/access/permissions');
    await page().getByRole('row', { name: /^team-deploys/ }).getByRole('button', { name: /^Remove/ }).click();
    const question = page().getByTestId('confirm');
    await question.getByText('the group team loses it').waitFor();
    await question.getByRole('button', { name: 'Remove it' }).click();
    await page().getByRole('row', { name: /^team-deploys/ }).waitFor({ state: 'detached' });
    for (let round = 0; round < 6; round += 1) expect(await put(`generic-local/team/${round}-late.txt`)).toBe(403);
  });

  it('has all of it in the audit log, with what was refused', async () => {
    await go('/access/audit');
    const log = page().getByRole('listbox');
    await log.getByRole('option').first().waitFor();
    await page().getByLabel('User').fill('ci-team');
    await page().getByLabel('Result').selectOption('refused');
    await waitFor('only what was refused to the user', async () => {
      const lines = await log.getByRole('option').allInnerTexts();
      return lines.length >= 8 && lines.every((line) => line.includes('ci-team') && line.includes('FORBIDDEN'));
    });
    // one more arrives by itself
    expect(await put('generic-local/team/one-more.txt')).toBe(403);
    const arrived = log.getByRole('option', { name: /team\/one-more\.txt/ });
    await arrived.waitFor();
    await arrived.click();
    const entry = page().getByTestId('audit-entry');
    expect(await entry.textContent()).toMatch(/127\.0\.0\.1.*access token.*PUT \/artifactory\/:repository\/\*/s);
    expect(await accessibilityProblems(page())).toEqual([]);
    const told = JSON.parse(await bulkhead(room.environment, ['audit', '--user', 'ci-team', '--result', 'FORBIDDEN', '--since', '1h', '--limit', '2', '--json'])) as { entries: { path: string; id: number }[]; more: boolean };
    expect(told).toMatchObject({ more: true, entries: [{ path: 'team/one-more.txt' }, {}] });
    const older = JSON.parse(await bulkhead(room.environment, ['audit', '--user', 'ci-team', '--before', String(told.entries[1]?.id), '--json'])) as { entries: { id: number }[] };
    expect(older.entries[0]?.id).toBeLessThan(told.entries[1]?.id ?? 0);
  });

  it('revokes a token', async () => {
    await go('/access/tokens');
    await page().getByRole('row', { name: /^ci-team/ }).getByRole('button', { name: /^Revoke/ }).click();
    await page().getByTestId('confirm').getByRole('button', { name: 'Revoke it' }).click();
    await waitFor('a token that is refused', async () => await put('generic-local/team/b.txt') === 401);
  });

  it('shows who is locked out after wrong passwords, and lets them in again', async () => {
    const as = (user: string, password: string, path: string, body?: unknown): Promise<Response> => fetch(`${room.demo.balancer}/artifactory/api/${path}`, {
      method: body === undefined ? 'GET' : 'PUT', headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`, 'content-type': 'application/json' }, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { user: admin, password: adminPassword } = room.demo.admin;
    expect((await as(admin, adminPassword, 'security/users/forgetful', { password: 'what was it again', role: 'user' })).status).toBe(201);
    expect((await as(admin, adminPassword, 'v1/settings/login-lock', { maxFailedLogins: 2, minutes: 15 })).status).toBe(200);
    for (const guess of ['what was it', 'was it that']) expect((await as('forgetful', guess, 'security/users/forgetful')).status).toBe(401);
    await go('/access/groups');
    await go('/access');
    const row = page().getByRole('row', { name: /^forgetful/ });
    await row.getByText('locked', { exact: true }).waitFor();
    expect(await accessibilityProblems(page())).toEqual([]);
    expect(await bulkhead(room.environment, ['user', 'list'])).toMatch(/forgetful.*locked/);
    await row.getByRole('button', { name: 'Unlock' }).click();
    await row.getByText('enabled', { exact: true }).waitFor();
    expect(await row.getByRole('button', { name: 'Unlock' }).count()).toBe(0);
    expect((await as('forgetful', 'what was it again', 'security/users/forgetful')).status).toBe(200);
  });

  it('complained of nothing', () => {
    expect(room.complaints).toEqual([]);
  });
});
