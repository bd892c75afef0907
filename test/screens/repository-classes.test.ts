import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../harness/wait-for.ts';
import { accessibilityProblems } from './browser.ts';
import { openDemoConsole, type DemoConsole } from './demo-console.ts';

/** Local, remote and virtual repositories, made through the form one after the other, and what a client gets through them. */
describe('classes of repositories on the screens of the console', () => {
  let room: DemoConsole;

  beforeAll(async () => {
    room = await openDemoConsole('classes');
  });
  afterAll(() => room[Symbol.asyncDispose]());

  const page = () => room.page;
  const go = (address: string): Promise<unknown> => room.go(address);
  const authorization = (): string => `Basic ${Buffer.from(`${room.demo.admin.user}:${room.demo.admin.password}`).toString('base64')}`;
  const send = (method: string, path: string, body?: string): Promise<Response> => fetch(`${room.demo.balancer}/artifactory/${path}`, { method, headers: { authorization: authorization() }, ...(body === undefined ? {} : { body }) });
  const got = async (path: string): Promise<[number, string]> => {
    const answer = await send('GET', path);
    return [answer.status, answer.status === 200 ? await answer.text() : ''];
  };
  const settings = async (key: string): Promise<Record<string, unknown>> => await (await send('GET', `api/repositories/${key}`)).json() as Record<string, unknown>;
  const create = (): Promise<void> => page().getByRole('button', { name: 'Create repository' }).click();
  const made = (key: string): Promise<void> => page().getByRole('heading', { name: key, level: 1 }).waitFor();
  async function begin(rclass: RegExp, key: string): Promise<void> {
    await go('/repositories');
    await page().getByTestId('new-repository').click();
    await page().getByRole('radio', { name: rclass }).check();
    await page().getByRole('radio', { name: /^Generic/ }).check();
    await page().getByLabel('Key').fill(key);
  }

  it('creates local ones', async () => {
    for (const key of ['far-away', 'our-files', 'more-files']) {
      await begin(/^Local/, key);
      await create();
      await made(key);
    }
    expect((await send('PUT', 'far-away/lib/one.txt', 'from far away')).status).toBe(201);
    expect((await send('PUT', 'our-files/lib/two.txt', 'ours')).status).toBe(201);
  });

  it('says beside its field what an upstream may not be, and creates a remote one with credentials', async () => {
    await begin(/^Remote/, 'mirror');
    await create();
    await page().getByText('The address of the repository that this one stands in for').waitFor();
    await page().getByLabel('Address of the upstream').fill('https://ci:secret@repo.example/');
    await page().getByText('Credentials have fields of their own').waitFor();
    await page().getByLabel('Address of the upstream').fill(`${room.demo.balancer}/artifactory/far-away`);
    await page().getByLabel('User there').fill(room.demo.admin.user);
    await page().getByLabel('Password or token there', { exact: true }).fill('wrong');
    await page().getByText('How long answers hold').click();
    await page().getByLabel('Silence that counts as failed, milliseconds').fill('50');
    await create();
    await page().getByText('A whole number from 100').waitFor();
    await page().getByLabel('Silence that counts as failed, milliseconds').fill('4000');
    await page().getByLabel('Believe “not found” for, seconds').fill('0');
    await create();
    // only the cluster knows which addresses it connects to
    await page().locator('.text-field', { has: page().getByLabel('Address of the upstream') }).getByText('upstream must not be at 127.0.0.1').waitFor();
    expect(await accessibilityProblems(page())).toEqual([]);
    await page().getByRole('checkbox', { name: /^May be at an address/ }).check();
    await page().getByRole('checkbox', { name: /^Tell clients when/ }).check();
    await create();
    await made('mirror');
    expect(await settings('mirror')).toMatchObject({ rclass: 'remote', url: `${room.demo.balancer}/artifactory/far-away`, username: room.demo.admin.user, passwordSet: true, socketTimeoutMillis: 4000, allowPrivateAddresses: true, hardFail: true });
    expect((await got('mirror/lib/one.txt'))[0]).toBe(502);
  });

  it('changes the password of an upstream, and never shows it', async () => {
    await go('/repositories/of/mirror/settings');
    const password = page().getByLabel('Password or token there', { exact: true });
    await page().getByText('One is kept').waitFor();
    expect(await password.inputValue()).toBe('');
    await password.fill(room.demo.admin.password);
    await page().getByRole('button', { name: 'Save' }).click();
    await page().getByText('Saved: it holds on every node.').waitFor();
    expect(await page().content()).not.toContain(room.demo.admin.password);
    expect(await got('mirror/lib/one.txt')).toEqual([200, 'from far away']);
  });

  it('creates a virtual one in the order that was chosen, and downloads through it', async () => {
    await begin(/^Virtual/, 'everything');
    for (const key of ['mirror', 'more-files', 'our-files']) await page().getByRole('button', { name: `+ ${key}` }).click();
    await page().getByRole('button', { name: 'Ask our-files earlier' }).click();
    expect(await page().evaluate('document.activeElement?.getAttribute("aria-label")')).toBe('Ask our-files earlier');
    await page().keyboard.press('Alt+ArrowUp');
    await page().locator('li', { hasText: 'mirror' }).dragTo(page().locator('li', { hasText: 'more-files' }));
    const order = async (): Promise<string[]> => (await page().locator('fieldset ol li .key').allInnerTexts()).map((text) => text.split(' ')[0] ?? '');
    await waitFor('the order of the members', async () => (await order()).join() === 'our-files,more-files,mirror');
    await page().getByLabel('Deploys go to').selectOption('our-files');
    expect(await accessibilityProblems(page())).toEqual([]);
    await create();
    await made('everything');
    expect(await settings('everything')).toMatchObject({ repositories: ['our-files', 'more-files', 'mirror'], defaultDeploymentRepo: 'our-files' });
    // what is only far away comes through the remote one
    expect((await send('PUT', 'far-away/lib/three.txt', 'from far away too')).status).toBe(201);
    expect(await got('everything/lib/three.txt')).toEqual([200, 'from far away too']);
    expect(await got('everything/lib/two.txt')).toEqual([200, 'ours']);
    expect((await send('PUT', 'everything/lib/four.txt', 'deployed through it')).status).toBe(201);
    expect(await got('our-files/lib/four.txt')).toEqual([200, 'deployed through it']);
  });

  it('asks them in another order as soon as that is saved', async () => {
    expect((await send('PUT', 'more-files/lib/two.txt', 'the other two')).status).toBe(201);
    expect(await got('everything/lib/two.txt')).toEqual([200, 'ours']);
    await go('/repositories/of/everything/settings');
    await page().getByRole('button', { name: 'Ask more-files earlier' }).click();
    await page().getByRole('button', { name: 'Save' }).click();
    await page().getByText('Saved: it holds on every node.').waitFor();
    for (let round = 0; round < 6; round += 1) expect(await got('everything/lib/two.txt')).toEqual([200, 'the other two']);
  });

  it('takes a virtual one as a member of another, and calls it so', async () => {
    await begin(/^Virtual/, 'outermost');
    await page().getByRole('button', { name: '+ everything' }).click();
    await create();
    await made('outermost');
    expect(await got('outermost/lib/two.txt')).toEqual([200, 'the other two']);
    await go('/repositories/of/outermost/settings');
    await waitFor('the member', async () => (await page().locator('fieldset ol li .key').allInnerTexts()).join() === 'everything virtual');
  });

  it('serves what is kept while a remote one is offline', async () => {
    await go('/repositories/of/mirror/settings');
    await page().getByRole('checkbox', { name: /^Offline/ }).check();
    await page().getByRole('button', { name: 'Save' }).click();
    await page().getByText('Saved: it holds on every node.').waitFor();
    expect(await got('everything/lib/three.txt')).toEqual([200, 'from far away too']);
    expect((await send('PUT', 'far-away/lib/five.txt', 'too late')).status).toBe(201);
    expect((await got('everything/lib/five.txt'))[0]).not.toBe(200);
  });

  it('says which virtual one loses a member, and deletes', async () => {
    await go('/repositories/of/our-files/settings');
    await page().getByText('everything loses a member').waitFor();
    await page().getByText('Deploys to everything fail').waitFor();
    await page().getByRole('button', { name: /^Delete repository/ }).click();
    const question = page().getByTestId('confirm');
    await question.getByRole('textbox').fill('our-files');
    await question.getByRole('button', { name: 'Delete repository' }).click();
    await page().getByRole('heading', { name: 'Repositories' }).waitFor();
    expect(await settings('everything')).toMatchObject({ repositories: ['more-files', 'mirror'], defaultDeploymentRepo: '' });
    expect((await got('everything/lib/four.txt'))[0]).toBe(404);
  });

  it('complained of nothing', () => {
    // what the cluster refuses is an answer, not an error of the page
    expect(room.complaints).toEqual([]);
  });
});
