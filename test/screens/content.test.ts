import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../harness/wait-for.ts';
import { accessibilityProblems } from './browser.ts';
import { openDemoConsole, type DemoConsole } from './demo-console.ts';
import { bulkhead } from './demo-program.ts';
import { takePicture } from './pictures.ts';

/** Artifacts as a person handles them: each test goes on from the one before, against a real cluster of three nodes. */
describe('repositories on the screens of the console', () => {
  let room: DemoConsole;
  /** larger than a slice, and no multiple of one */
  const large = randomBytes(9_500_003);

  beforeAll(async () => {
    room = await openDemoConsole('content');
  });
  afterAll(() => room[Symbol.asyncDispose]());

  const page = () => room.page;
  const line = (path: string) => page().locator(`[data-path="${path}"]`);
  const details = () => page().getByTestId('item');
  const go = (address: string): Promise<unknown> => room.go(address);
  const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
  const fetchArtifact = (path: string): Promise<Response> => fetch(`${room.demo.balancer}/artifactory/${path}`, { headers: { authorization: `Basic ${Buffer.from(`${room.demo.admin.user}:${room.demo.admin.password}`).toString('base64')}` } });
  /** As a person does it: files that come in from outside the window, over a line of the tree. */
  async function drop(path: string, files: Record<string, string>): Promise<void> {
    const given = await page().evaluateHandle(`(() => {
      const transfer = new DataTransfer();
      for (const [name, text] of Object.entries(${JSON.stringify(files)})) transfer.items.add(new File([text], name));
      return transfer;
    })()`);
    for (const type of ['dragenter', 'dragover', 'drop']) await line(path).dispatchEvent(type, { dataTransfer: given });
  }

  it('lists what the demo has, and leads to it from the palette', async () => {
    await page().keyboard.press('Control+b');
    await page().getByRole('link', { name: 'generic-local' }).waitFor();
    await page().keyboard.press('Control+k');
    await page().keyboard.type('open generic-local');
    await page().keyboard.press('Enter');
    await page().getByRole('heading', { name: 'generic-local', level: 1 }).waitFor();
  });

  it('creates a repository, with what is wrong said beside its field first', async () => {
    await go('/repositories/new');
    await page().getByRole('radio', { name: /^Generic/ }).check();
    await page().getByLabel('Key').fill('generic-LOCAL');
    await page().getByRole('button', { name: 'Create repository' }).click();
    await page().getByText('There is a repository with this key').waitFor();
    await page().getByLabel('Key').fill('team-files');
    await page().getByLabel('Description').fill('Files of the team');
    await page().getByRole('button', { name: 'Create repository' }).click();
    await page().getByRole('heading', { name: 'team-files', level: 1 }).waitFor();
    const stored = await (await fetchArtifact('api/repositories/team-files')).json() as object;
    expect(stored).toMatchObject({ key: 'team-files', rclass: 'local', packageType: 'generic', description: 'Files of the team' });
  });

  it('uploads through the chooser, slice by slice, and stores exactly what was chosen', async () => {
    const file = join(room.folder, 'large.bin');
    await writeFile(file, large);
    const chooser = page().waitForEvent('filechooser');
    await page().getByTestId('upload').click();
    const slices: number[] = [];
    page().on('request', (request) => {
      if (request.method() === 'PUT') slices.push(request.postDataBuffer()?.length ?? 0);
    });
    await (await chooser).setFiles(file);
    await page().locator('[data-state=done]').waitFor();
    expect(slices.length).toBeGreaterThan(2);
    await line('large.bin').click();
    await details().getByText(sha256(large)).waitFor();
    expect(sha256(Buffer.from(await (await fetchArtifact('team-files/large.bin')).arrayBuffer()))).toBe(sha256(large));
    expect(await accessibilityProblems(page())).toEqual([]);
  });

  it('takes files that are dropped on a folder', async () => {
    await drop('', { 'a.txt': 'first', 'b ü#;.txt': 'second' });
    await waitFor('two more files', async () => await page().locator('[data-state=done]').count() === 3);
    expect(await (await fetchArtifact('team-files/a.txt')).text()).toBe('first');
    expect(await (await fetchArtifact(`team-files/${encodeURIComponent('b ü#;.txt')}`)).text()).toBe('second');
    await line('b ü#;.txt').waitFor();
  });

  it('asks before it replaces, and does as it is told', async () => {
    await drop('', { 'a.txt': 'replaced' });
    const row = page().locator('[data-state=conflict]');
    await row.getByRole('button', { name: 'Skip' }).click();
    await page().locator('[data-state=skipped]').waitFor();
    expect(await (await fetchArtifact('team-files/a.txt')).text()).toBe('first');
    await drop('', { 'a.txt': 'replaced' });
    await row.getByRole('button', { name: 'Replace' }).click();
    await waitFor('the new content', async () => await (await fetchArtifact('team-files/a.txt')).text() === 'replaced');
  });

  it('does not send what is there already before somebody has said so, and tells what came meanwhile', async () => {
    await page().getByRole('button', { name: 'Clear ended' }).click();
    let sent = 0;
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => { goOn = resolve; });
    await page().route('**/content/uploads/**', async (route) => {
      sent += 1;
      await held;
      await route.continue();
    });
    await drop('', { 'a.txt': 'not wanted', 'late.txt': 'mine' });
    const line = (name: string) => page().getByTestId('uploads').locator('li', { hasText: name });
    // the conflict is there while nothing of either has gone out
    await page().locator('[data-state=conflict]', { hasText: 'a.txt' }).waitFor();
    await waitFor('the other one on its way', () => sent > 0);
    expect((await fetch(`${room.demo.balancer}/artifactory/team-files/late.txt`, { method: 'PUT', body: 'of somebody else', headers: { authorization: `Basic ${Buffer.from(`${room.demo.admin.user}:${room.demo.admin.password}`).toString('base64')}` } })).status).toBe(201);
    goOn();
    await line('late.txt').getByText('a file with this name came meanwhile; it was not replaced').waitFor();
    expect(await (await fetchArtifact('team-files/late.txt')).text()).toBe('of somebody else');
    expect(await (await fetchArtifact('team-files/a.txt')).text()).toBe('replaced');
    await line('a.txt').getByRole('button', { name: 'Skip' }).click();
    await line('late.txt').getByRole('button', { name: 'Replace' }).click();
    await waitFor('the new content', async () => await (await fetchArtifact('team-files/late.txt')).text() === 'mine');
    await page().unroute('**/content/uploads/**');
    await bulkhead(room.environment, ['artifact', 'rm', 'team-files/late.txt']);
  });

  it('breaks an upload off, and nothing of it is kept', async () => {
    await page().getByRole('button', { name: 'Clear ended' }).click();
    // a way so slow that there is time to change one's mind
    await page().route('**/content/uploads/**', async (route) => {
      await new Promise((resolve) => { setTimeout(resolve, 1500); });
      await route.continue().catch(() => undefined);
    });
    const file = join(room.folder, 'unwanted.bin');
    await writeFile(file, large);
    await page().locator('input[type=file]').setInputFiles(file);
    await page().getByRole('button', { name: 'Cancel unwanted.bin' }).click();
    await page().locator('[data-state=cancelled]').waitFor();
    await page().unroute('**/content/uploads/**');
    expect((await fetchArtifact('team-files/unwanted.bin')).status).toBe(404);
  });

  it('downloads the same bytes', async () => {
    await line('large.bin').click();
    await details().getByText(sha256(large)).waitFor();
    const started = page().waitForEvent('download');
    await details().getByRole('link', { name: 'Download' }).click();
    const download = await started;
    expect(download.suggestedFilename()).toBe('large.bin');
    expect(sha256(await readFile(await download.path()))).toBe(sha256(large));
    expect(page().url()).not.toContain('/content/');
  });

  it('gives a file a property, changes its values and takes it away', async () => {
    const properties = page().getByTestId('properties');
    await properties.getByRole('button', { name: 'Add' }).click();
    await properties.getByLabel('Name').fill('1st stage');
    await properties.getByLabel('Values').fill('test');
    await properties.getByRole('button', { name: 'Save' }).click();
    await properties.getByText('A name begins with a letter').waitFor();
    await properties.getByLabel('Name').fill('stage');
    // what only the cluster knows is said beside the field too
    await properties.getByLabel('Values').fill('x'.repeat(1025).replace('x', 'ü'));
    await properties.getByRole('button', { name: 'Save' }).click();
    await properties.locator('.about').getByText(/1024|1,024/).waitFor();
    await properties.getByLabel('Values').fill('test\nrelease, final');
    await properties.getByRole('button', { name: 'Save' }).click();
    await properties.getByText('release, final', { exact: true }).waitFor();
    const stored = async (path: string): Promise<unknown> => (await fetchArtifact(`api/storage/team-files/${path}?properties`)).json();
    expect(JSON.stringify(await stored('large.bin'))).toMatch(/"stage":\[("test","release, final"|"release, final","test")\]/);
    await properties.getByRole('button', { name: 'Change stage' }).click();
    await properties.getByLabel('Values').fill('release');
    expect(await accessibilityProblems(page())).toEqual([]);
    await properties.getByRole('button', { name: 'Save' }).click();
    await waitFor('the new value', async () => JSON.stringify(await stored('large.bin')).includes('["release"]'));
    await bulkhead(room.environment, ['artifact', 'annotate', 'team-files/large.bin', 'owner=team', '--json']);
    expect(await stored('large.bin')).toMatchObject({ properties: { stage: ['release'], owner: ['team'] } });
  });

  it('finds it by name, checksum, property and path, and leads to its place in the tree', async () => {
    await page().getByRole('heading', { name: 'team-files', level: 1 }).click();
    await page().keyboard.press('/');
    await page().getByRole('heading', { name: 'Repositories', level: 1 }).waitFor();
    const box = page().getByLabel('Find artifacts');
    const link = page().getByRole('link', { name: 'large.bin', exact: true });
    for (const words of ['large*', sha256(large), createHash('md5').update(large).digest('hex'), 'stage=release', '/*.bin']) {
      // what the search before this one has found is gone first
      await box.fill('nothing-like-it');
      await page().getByText('Nothing is found').waitFor();
      await box.fill(words);
      await link.waitFor();
    }
    expect(await accessibilityProblems(page())).toEqual([]);
    await page().getByLabel('Search in').selectOption('');
    await page().getByText('Choose the repository').waitFor();
    await box.fill('stage=test');
    await page().getByText('Nothing is found').waitFor();
    await box.fill('stage=release owner=*');
    await link.waitFor();
    await box.press('ArrowDown');
    await page().keyboard.press('Enter');
    await details().getByText(sha256(large)).waitFor();
    await page().goBack();
    await link.waitFor();
    expect(await box.inputValue()).toBe('stage=release owner=*');
    expect(JSON.parse(await bulkhead(room.environment, ['artifact', 'search', 'stage=release', '--json']))).toMatchObject({ found: [{ repository: 'team-files', path: 'large.bin' }], truncated: false });
    await page().goForward();
    await details().getByText(sha256(large)).waitFor();
    await details().getByRole('button', { name: 'Change stage' }).click();
    await details().getByTestId('properties').getByRole('button', { name: 'Remove' }).click();
    await waitFor('a property that is gone', async () => !JSON.stringify(await (await fetchArtifact('api/storage/team-files/large.bin?properties')).json()).includes('stage'));
  });

  it('is walked by keys', async () => {
    await page().getByRole('tree').focus();
    await page().keyboard.press('Home');
    await page().keyboard.press('ArrowDown');
    await waitFor('the first file', async () => await page().getByRole('treeitem', { selected: true }).getAttribute('data-path') === 'a.txt');
    await page().keyboard.press('l');
    await waitFor('the file with this letter', async () => await page().getByRole('treeitem', { selected: true }).getAttribute('data-path') === 'large.bin');
  });

  it('deletes to the trash can, and restores', async () => {
    // what is selected is asked for first: until it is there, nothing can be deleted
    await page().locator('button:enabled', { hasText: /^Delete/ }).waitFor();
    await page().keyboard.press('Delete');
    const question = page().getByTestId('confirm');
    await question.getByText('It goes to the trash can').waitFor();
    await question.getByRole('button', { name: 'Delete' }).click();
    await waitFor('a file that is gone', async () => (await fetchArtifact('team-files/large.bin')).status === 404);
    await line('large.bin').waitFor({ state: 'detached' });
    await go('/repositories/trash');
    await line('team-files').click();
    await page().getByRole('tree').focus();
    await page().keyboard.press('ArrowRight');
    await line('team-files/large.bin').click();
    await details().getByText(sha256(large)).waitFor();
    expect(await accessibilityProblems(page())).toEqual([]);
    await takePicture(page(), 'trash-dark');
    await details().getByRole('button', { name: 'Restore' }).click();
    await waitFor('the file that is back', async () => sha256(Buffer.from(await (await fetchArtifact('team-files/large.bin')).arrayBuffer())) === sha256(large));
  });

  it('shows the set-up with the address that clients really have', async () => {
    await go('/repositories/of/team-files/set-up');
    const text = await page().getByTestId('snippets').textContent();
    expect(text).toContain(`${room.demo.balancer}/artifactory/team-files/app/1.0/app.tar.gz`);
  });

  it('changes settings, and says what a deletion would break before it does it', async () => {
    await go('/repositories/of/team-files/settings');
    await page().getByLabel('Description').fill('Something else');
    await page().getByRole('button', { name: 'Save' }).click();
    await page().getByText('Saved: it holds on every node.').waitFor();
    expect(await (await fetchArtifact('api/repositories/team-files')).json()).toMatchObject({ description: 'Something else' });
    await page().getByText(/^3 files, 9\.5.MB, are gone with it/).waitFor();
    await page().getByText(/^Used lately by admin \(\S*127\.0\.0\.1, today/).waitFor();
    await page().getByRole('button', { name: /^Delete repository/ }).click();
    const question = page().getByTestId('confirm');
    await question.getByRole('textbox').fill('team-files');
    await question.getByRole('button', { name: 'Delete repository' }).click();
    await page().getByRole('heading', { name: 'Repositories' }).waitFor();
    expect((await fetchArtifact('api/repositories/team-files')).status).toBe(404);
  });

  it('does the same from the command line, piped and as JSON', async () => {
    const file = join(room.folder, 'large.bin');
    expect(JSON.parse(await bulkhead(room.environment, ['repo', 'create', 'cli-files', '--json']))).toMatchObject({ key: 'cli-files', rclass: 'local' });
    expect(JSON.parse(await bulkhead(room.environment, ['artifact', 'put', file, 'cli-files/a/large.bin', '--json']))).toMatchObject({ path: 'a/large.bin', sha256: sha256(large) });
    await expect(bulkhead(room.environment, ['artifact', 'put', file, 'cli-files/a/large.bin'])).rejects.toThrow(/ARTIFACT_EXISTS/);
    expect(JSON.parse(await bulkhead(room.environment, ['artifact', 'ls', 'cli-files/a', '--json']))).toMatchObject({ children: [{ name: 'large.bin', folder: false }] });
    const fetched = join(room.folder, 'fetched.bin');
    await bulkhead(room.environment, ['artifact', 'get', 'cli-files/a/large.bin', fetched]);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(fetched)) hash.update(chunk as Buffer);
    expect(hash.digest('hex')).toBe(sha256(large));
    await bulkhead(room.environment, ['artifact', 'annotate', 'cli-files/a', 'stage=done', '--recursive']);
    expect(await (await fetchArtifact('api/storage/cli-files/a/large.bin?properties')).json()).toMatchObject({ properties: { stage: ['done'] } });
    await bulkhead(room.environment, ['artifact', 'rm', 'cli-files/a']);
    await expect(bulkhead(room.environment, ['repo', 'delete', 'cli-files'])).rejects.toThrow(/CONFIRMATION_NEEDED/);
    await bulkhead(room.environment, ['repo', 'delete', 'cli-files', '--confirm', 'cli-files']);
  });

  it('complained of nothing', () => {
    expect(room.complaints).toEqual([]);
  });
});
