import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureBuilt, projectRoot } from '../../scripts/build.ts';
import { callInPage } from './page-call.ts';
import { startOnStandIn, type StandInHost } from './stand-in-host.ts';

/** What the app asked of Electron: only the stand-in can tell, and it can do what a real window would not let itself be done to. */
let home: string;
const started: StandInHost[] = [];

beforeAll(async () => { await ensureBuilt(); });
beforeEach(async () => { home = await mkdtemp(join(tmpdir(), 'bulkhead-stand-in-')); });
afterEach(async () => {
  for (const desktop of started.splice(0)) await desktop.end();
  await rm(home, { recursive: true, force: true });
});

const shown = 'document.querySelector("#app")?.childElementCount > 0';

async function start(environment: Record<string, string> = {}): Promise<StandInHost> {
  const desktop = await startOnStandIn({ root: projectRoot, home, environment });
  started.push(desktop);
  return desktop;
}

async function startShown(environment: Record<string, string> = {}): Promise<StandInHost> {
  const desktop = await start(environment);
  await expect.poll(() => desktop.windows()).toBe(1);
  await desktop.waitFor(shown);
  return desktop;
}

async function asked(desktop: StandInHost, what: string): Promise<unknown[][]> {
  return (await desktop.asked()).filter((request) => request.what === what).map((request) => request.args);
}

describe('a window that is only looked at', () => {
  let place: string;
  let desktop: StandInHost;
  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'bulkhead-stand-in-'));
    desktop = await startOnStandIn({ root: projectRoot, home: place });
    await desktop.waitFor(shown);
  });
  afterAll(async () => {
    await desktop.end();
    await rm(place, { recursive: true, force: true });
  });

  it('asks for the sandbox and its own scheme before Electron is ready', async () => {
    const order = (await desktop.asked()).map(({ what }) => what);
    for (const early of ['app.enableSandbox', 'protocol.registerSchemesAsPrivileged', 'app.requestSingleInstanceLock']) {
      expect(order).toContain(early);
      expect(order.indexOf(early)).toBeLessThan(order.indexOf('ready'));
    }
    expect(await asked(desktop, 'protocol.registerSchemesAsPrivileged')).toEqual([[[
      { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
    ]]]);
    expect(await asked(desktop, 'protocol.handle')).toEqual([['app']]);
    expect(await asked(desktop, 'loadURL')).toEqual([['app://bulkhead/']]);
  });

  it('opens its window isolated and sandboxed, without Node.js, and hidden until there is something to see', async () => {
    const [[options]] = await asked(desktop, 'new BrowserWindow') as [[Record<string, unknown>]];
    expect(options).toMatchObject({
      show: false,
      webPreferences: {
        contextIsolation: true, sandbox: true, nodeIntegration: false, nodeIntegrationInWorker: false, nodeIntegrationInSubFrames: false,
        webSecurity: true, allowRunningInsecureContent: false, webviewTag: false, experimentalFeatures: false, spellcheck: false,
        preload: join(projectRoot, 'out', 'preload', 'preload.cjs'),
      },
    });
    expect(await asked(desktop, 'exposeInMainWorld')).toEqual([['bulkhead', ['open']]]);
  });

  it('denies every permission, however it is asked for', async () => {
    for (const name of ['media', 'geolocation', 'notifications', 'clipboard-read', 'openExternal', 'usb', 'fileSystem', 'one-of-a-later-version']) {
      expect(await desktop.permission(name), name).toEqual([false, false, false]);
    }
    expect(await asked(desktop, 'session.setSpellCheckerEnabled')).toEqual([[false]]);
  });

  it('serves its screens under the policy, and shows them without breaking it', async () => {
    const policy = await desktop.evaluate<string>(`fetch('/').then((answer) => answer.headers.get('content-security-policy'))`);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    expect(await desktop.complaints()).toEqual([]);
  });

  it('drops what a wrong message says', async () => {
    const answer = desktop.evaluate<string>(`new Promise((resolve) => {
      const wire = window.bulkhead.open();
      wire.onMessage(() => resolve('answered'));
      wire.send({ kind: 'call', id: 1, name: 'app.info', args: {}, extra: 1 });
      setTimeout(() => resolve('dropped'), 500);
    })`);
    expect(await answer).toBe('dropped');
    await expect.poll(() => desktop.printed()).toContain('not a message of the contract');
  });
});

it('ends the wires of a page with the page, and serves the next page', async () => {
  const desktop = await startShown();
  await desktop.evaluate('void location.reload()');
  await desktop.waitFor(shown);
  expect(await callInPage(desktop, 'app.info', {})).toMatchObject({ kind: 'result' });
});

it('offers to load crashed screens again, and they work', async () => {
  const desktop = await startShown();
  await desktop.answerDialogs(0);
  await desktop.crash();
  await expect.poll(() => asked(desktop, 'dialog.showMessageBox')).toMatchObject([[{ message: 'The screens have crashed', buttons: ['Reload', 'Close'] }]]);
  await desktop.waitFor(shown);
  expect(await callInPage(desktop, 'app.info', {})).toMatchObject({ kind: 'result' });
});

it('leaves to the first instance when it is the second', async () => {
  const desktop = await start({ STAND_IN_SECOND_INSTANCE: '1' });
  expect(await desktop.ended).toBe(0);
});

it('comes to the front when a second instance is started', async () => {
  const desktop = await startShown();
  await desktop.secondInstance();
  await expect.poll(() => asked(desktop, 'window.focus')).toHaveLength(1);
  expect(await desktop.windows()).toBe(1);
});

it('quits cleanly from the menu, by closing its window, and at SIGTERM; it remembers its place', async () => {
  const quitting = await startShown();
  expect(await quitting.quit(), quitting.printed()).toBe(0);
  expect(JSON.parse(await readFile(join(home, 'window.json'), 'utf8'))).toMatchObject({ bounds: { width: 1440, height: 900 }, maximized: false });
  const closed = await startShown();
  await closed.closeWindow().catch(() => undefined);
  expect(await closed.ended, closed.printed()).toBe(0);
  const terminated = await startShown();
  terminated.kill('SIGTERM');
  expect(await terminated.ended, terminated.printed()).toBe(0);
});

it('says honestly what a keychain that is none is worth', async () => {
  const desktop = await startShown({ STAND_IN_KEYCHAIN: 'basic_text' });
  expect(await callInPage(desktop, 'app.info', {})).toMatchObject({ value: { secrets: { protection: 'none' } } });
  const kept = await startShown({ STAND_IN_USER_DATA: home, XDG_DATA_HOME: join(home, 'other'), XDG_STATE_HOME: join(home, 'other') });
  expect(await callInPage(kept, 'app.info', {})).toMatchObject({ value: { secrets: { protection: 'keychain' } } });
});
