import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../../scripts/build.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { users } from '../lab/constants.ts';
import { startLab, type Lab } from '../lab/lab.ts';
import { accessibilityProblems, openPage, overflowsSideways, type OpenPage } from './browser.ts';
import { ownEnvironment, startConsole } from './console-process.ts';
import { takePicture } from './pictures.ts';

const canHaveHosts = process.getuid?.() === 0 && existsSync('/etc/debian_version') && existsSync('/usr/bin/systemd-nspawn');
if (!canHaveHosts) console.warn('*** SKIPPED: the wizard on real hosts needs root, Debian and systemd-nspawn. Nothing here says that it works. ***');

const wrongPassword = 'not the password';
const nodes = ['one', 'two', 'three'] as const;
/** where clients come in */
const frontPort = 8080;

/** From an empty inventory to a serving cluster on bare hosts, by hand on the screens. Each test goes on from the one before. */
describe.skipIf(!canHaveHosts)('hosts and the wizard on the screens of the console', () => {
  const clean = new AsyncDisposableStack();
  let lab: Lab;
  let open: OpenPage;
  let databaseName: string;

  beforeAll(async () => {
    await ensureBuilt();
    lab = clean.use(await startLab({ hosts: [...nodes.map((name) => ({ name })), { name: 'front', image: 'balancer' }], database: 'process' }));
    databaseName = await lab.database!.createDatabase();
    const folder = clean.use(await temporaryFolder('wizard'));
    const shell = await startConsole(ownEnvironment(folder.path));
    clean.defer(() => shell.kill());
    open = await openPage(shell.address);
    clean.defer(() => open.close());
    // the one-time address leads on to the screens
    await open.page.getByRole('navigation', { name: 'Screens' }).waitFor();
  });
  afterAll(() => clean.disposeAsync());

  const page = () => open.page;
  const button = (name: string | RegExp) => page().getByRole('button', { name });
  const goTo = (path: string) => page().evaluate(`location.hash = '#${path}'`);
  const dialog = () => page().getByTestId('add-host');
  /** What the host itself says of its key, as the app tells people to ask for it. */
  const fingerprintOf = async (name: string): Promise<string> => /SHA256:\S+/.exec(await lab.host(name).run('ssh-keygen', '-l', '-f', '/etc/ssh/ssh_host_ed25519_key.pub'))?.[0] ?? '';

  async function pasteHost(name: string, signIn: () => Promise<void>): Promise<void> {
    const { address, port } = lab.target(name);
    await page().getByTestId('add').click();
    await dialog().getByLabel('Paste user@host:port').fill(`${users.ops.name}@${address}:${port}`);
    await dialog().getByLabel('Name here, and of a node on it').fill(name);
    await signIn();
    await dialog().getByRole('button', { name: 'Add host' }).click();
  }
  async function trustKeyOf(name: string): Promise<void> {
    const shown = page().getByTestId('host-key');
    await shown.getByRole('heading', { name: `Is this ${name}?` }).waitFor();
    expect(await shown.getByTestId('fingerprint').textContent()).toBe(await fingerprintOf(name));
    await shown.getByRole('button', { name: /trust it/ }).click();
    await shown.waitFor({ state: 'detached' });
  }
  const withKey = async (): Promise<void> => {
    await dialog().getByLabel('Key file').check();
    await dialog().getByLabel('Private key').fill(lab.keyFile);
  };

  it('shows a key before anything is sent, and then why a wrong password was refused', async () => {
    await goTo('/hosts');
    await page().getByText('No host yet').waitFor();
    expect(await accessibilityProblems(page())).toEqual([]);
    await pasteHost('one', async () => {
      await dialog().getByLabel('Password', { exact: true }).first().check();
      await dialog().getByLabel('Password', { exact: true }).last().fill(wrongPassword);
    });
    await page().getByTestId('host-key').getByTestId('fingerprint').waitFor();
    expect(await accessibilityProblems(page())).toEqual([]);
    await takePicture(page(), 'host-key-dark');
    await trustKeyOf('one');
    await button('Test the login').click();
    const report = page().getByTestId('host-test');
    await report.getByText('AUTH_FAILED').waitFor();
    expect(await report.textContent()).toMatch(/password.*refused/);
    expect(await page().content()).not.toContain(wrongPassword);
    expect(await accessibilityProblems(page())).toEqual([]);
    await takePicture(page(), 'wrong-password-dark');
  });

  it('takes that host out again, and adds all with a key', async () => {
    await button(/^Remove/).click();
    await page().getByTestId('confirm').getByRole('button', { name: 'Remove the host' }).click();
    await page().getByText('No host yet').waitFor();
    await pasteHost('one', withKey);
    // its key was trusted before, under its address
    await waitFor('the page of the host', () => page().url().includes('/hosts/'));
    for (const name of ['front', 'three', 'two']) {
      await goTo('/hosts');
      await pasteHost(name, withKey);
      await trustKeyOf(name);
      await waitFor('the page of the host', () => page().url().includes('/hosts/'));
    }
    await button('Check').click();
    await page().getByTestId('preflight').getByText(/passed, today/).waitFor();
    expect(await accessibilityProblems(page())).toEqual([]);
    await takePicture(page(), 'preflight-dark');
    await goTo('/hosts');
    await waitFor('all hosts to be reached', async () => (await page().locator('tbody td.state', { hasText: /^reachable$/ }).count()) === 4);
  });

  it('keeps what is typed through back and forward, and says what is missing beside each field', async () => {
    await goTo('/new-cluster');
    await page().getByTestId('next').click();
    await page().getByText('Give the cluster a name').waitFor();
    await waitFor('the focus in the first field that is wrong', async () => await page().evaluate('document.activeElement?.getAttribute("aria-invalid")') === 'true');
    await page().getByLabel('Name of the cluster').fill('art');
    await page().getByLabel('Database host').fill(lab.databaseAddress);
    await page().getByLabel('Port', { exact: true }).fill(String(lab.database!.port));
    await page().getByLabel('Database', { exact: true }).fill(databaseName);
    await page().getByLabel('Role').fill(lab.database!.user);
    await page().getByLabel('Password', { exact: true }).fill(wrongPassword);
    await button('Test from this machine').click();
    await page().getByTestId('database-trial').getByText(/password is wrong|did not let/).first().waitFor();
    await page().getByLabel('Password', { exact: true }).fill(lab.database!.password);
    await button('Test from this machine').click();
    await page().getByText('✓ Signed in').waitFor();
    expect(await accessibilityProblems(page())).toEqual([]);
    await takePicture(page(), 'wizard-database-dark');
    await page().getByTestId('next').click();
    await page().getByLabel('Path on every host').fill('/srv/bulkhead/filestore');
    await page().goBack();
    await page().getByLabel('Name of the cluster').waitFor();
    expect(await page().getByLabel('Name of the cluster').inputValue()).toBe('art');
    await page().goForward();
    expect(await page().getByLabel('Path on every host').inputValue()).toBe('/srv/bulkhead/filestore');
    await page().getByTestId('next').click();
  });

  it('checks the chosen hosts against the plan', async () => {
    for (const name of nodes) await page().getByRole('checkbox', { name }).check();
    await button('Check all 3').click();
    await waitFor('all reports', async () => (await page().getByRole('button', { name: /\d+ passed/ }).count()) === 3);
    expect(await page().getByText(/database cannot be reached|\d+ failed/).count()).toBe(0);
    // the wire between them has a real risk or none: what is there has to be taken on by name
    for (const box of await page().getByRole('checkbox', { name: /I take this on/ }).all()) await box.check();
    expect(await accessibilityProblems(page())).toEqual([]);
    await takePicture(page(), 'wizard-hosts-dark');
    await page().getByTestId('next').click();
    await page().getByRole('radio', { name: /HAProxy/ }).check();
    await page().getByText('Can fail').waitFor();
    await page().getByRole('radio', { name: /^nginx/ }).check();
    await page().getByLabel('Host that it runs on').selectOption({ label: `front (${lab.host('front').address})` });
    await page().getByLabel('Port for clients').fill(String(frontPort));
    await page().getByTestId('next').click();
  });

  it('shows every command before anything happens, without a secret', async () => {
    await button('Show commands').click();
    await page().getByTestId('plan').getByText('/etc/bulkhead/', { exact: false }).first().waitFor();
    expect(await page().getByTestId('plan').getByRole('tab').allTextContents()).toEqual([...nodes, 'nginx on front']);
    await page().getByText(`baseUrl: http://${lab.host('front').address}:${String(frontPort)}`, { exact: false }).first().waitFor();
    await page().getByRole('tab', { name: 'nginx on front' }).click();
    await page().getByText(`server ${lab.target('one').address}:8081`, { exact: false }).first().waitFor();
    await page().getByLabel('As a shell script').check();
    await page().getByText('#!/bin/sh', { exact: false }).first().waitFor();
    expect(await page().content()).not.toContain(lab.database!.password);
    expect(await accessibilityProblems(page())).toEqual([]);
    expect(await overflowsSideways(page())).toBe(false);
    await takePicture(page(), 'wizard-review-dark');
    expect(await lab.host('one').run('sh', '-c', 'ls /opt /etc | grep -c bulkhead || true')).toMatch(/^0/);
  });

  it('makes all hosts serve behind nginx with one click, and shows how long that took', async () => {
    const clickedAt = performance.now();
    await page().getByTestId('create').click();
    // the wizard has a tab of this name too
    await page().getByRole('heading', { name: /^Provision / }).waitFor();
    await page().getByRole('tab', { name: /one/ }).waitFor();
    await page().getByText('Make /opt/bulkhead', { exact: true }).first().waitFor();
    await takePicture(page(), 'run-dark');
    const shown = page().getByTestId('serving-after');
    await Promise.race([shown.waitFor({ timeout: 500_000 }), page().getByTestId('run-failure').waitFor({ timeout: 500_000 }).then(async () => { throw new Error(await page().locator('main').innerText()); })]);
    const seconds = (performance.now() - clickedAt) / 1000;
    const words = (await shown.textContent()) ?? '';
    console.log(`three bare hosts: ${words.trim()}; seen on the screen after ${seconds.toFixed(1)} s`);
    const [, minutes = '0', rest = '', unit] = /^(?:(\d+) min )?([\d.]+)\s*(s|ms) from click to serving/.exec(words.trim()) ?? [];
    expect(unit).toBe('s');
    expect(Number(minutes) * 60 + Number(rest)).toBeLessThanOrEqual(seconds + 1);
    for (const name of nodes) expect(await (await fetch(`http://${lab.target(name).address}:8081/artifactory/api/system/ping`)).text()).toBe('OK');
    await waitFor('nginx to send to them', async () => (await (await fetch(`http://${lab.host('front').address}:${frontPort}/artifactory/api/system/ping`)).text()) === 'OK');
    const front = await lab.host('front').run('sh', '-c', 'cat /etc/nginx/*.conf /etc/nginx/*/*bulkhead* 2>/dev/null');
    for (const name of nodes) expect(front).toContain(`${lab.target(name).address}:8081`);
    expect(await accessibilityProblems(page())).toEqual([]);
    await takePicture(page(), 'run-done-dark');
    await goTo('/runs');
    await page().getByText('3 serve').waitFor();
    expect(await accessibilityProblems(page())).toEqual([]);
  });

  it('stops everything when a host shows another key, until somebody replaces it on purpose', async () => {
    const before = await fingerprintOf('two');
    await lab.host('two').changeHostKey();
    const after = await fingerprintOf('two');
    await goTo('/hosts');
    await page().getByRole('link', { name: 'two', exact: true }).click();
    // a connection that was there before goes on; a new one is what the key stands in the way of
    await button('Test the login').click();
    await page().getByText('HOST_KEY_CHANGED').waitFor();
    await page().getByTestId('host-test').getByRole('button', { name: 'Look at its key' }).click();
    const asked = page().getByTestId('host-key');
    await asked.getByText('No new connection to this host is made').waitFor();
    expect(await asked.textContent()).toContain(before);
    expect(await asked.getByTestId('fingerprint').textContent()).toBe(after);
    expect(await accessibilityProblems(page())).toEqual([]);
    await takePicture(page(), 'key-changed-dark');
    const replace = asked.getByRole('button', { name: 'Replace the known key' });
    expect(await replace.getAttribute('aria-disabled')).toBe('true');
    await asked.getByLabel(/type two/).fill('two');
    await replace.click();
    await asked.waitFor({ state: 'detached' });
    await button('Test the login').click();
    await page().getByText('✓ Signed in').waitFor();
  });

  it('has broken no rule of its policy and thrown no error', () => {
    // a lab that comes or goes elsewhere on this machine changes its networks, and Chromium says so
    expect(open.complaints).toEqual([]);
  });
});
