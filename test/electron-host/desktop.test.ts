import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBuilt, projectRoot } from '../../scripts/build.ts';
import { startDesktop, type DesktopHost } from './desktop-host.ts';
import { callInPage } from './page-call.ts';

/** What holds on the real Electron and on the stand-in alike. */
let home: string;
let desktop: DesktopHost;

beforeAll(async () => {
  await ensureBuilt();
  home = await mkdtemp(join(tmpdir(), 'bulkhead-desktop-'));
  desktop = await startDesktop({ root: projectRoot, home });
  await desktop.waitFor('document.querySelector("#app")?.childElementCount > 0');
});
afterAll(async () => {
  await desktop.end();
  await rm(home, { recursive: true, force: true });
});

it('shows a screen', async () => {
  expect(await desktop.evaluate<string>('document.title')).toContain('Bulkhead');
  await expect.poll(() => desktop.evaluate<string>('document.body.innerText')).toContain('Topology');
});

it('gives the page one object with one function, and nothing of Node.js or Electron', async () => {
  expect(await desktop.evaluate('Object.keys(window.bulkhead)')).toEqual(['open']);
  expect(await desktop.evaluate('Object.isFrozen(window.bulkhead)')).toBe(true);
  const found = '["require", "process", "module", "Buffer", "electron", "ipcRenderer", "global"].filter((name) => typeof window[name] !== "undefined")';
  expect(await desktop.evaluate(found)).toEqual([]);
});

it('carries a call from the page through preload and IPC to the control room', async () => {
  const info = await callInPage(desktop, 'app.info', {});
  expect(info).toMatchObject({ kind: 'result', value: { shell: 'desktop', platform: `${process.platform}-${process.arch}` } });
});

it('answers what the contract does not know with an error of the registry', async () => {
  expect(await callInPage(desktop, 'fs.readFile', {})).toMatchObject({ kind: 'error', error: { code: 'METHOD_UNKNOWN' } });
  expect(await callInPage(desktop, 'demo.node', { nodeId: 7 })).toMatchObject({ kind: 'error', error: { code: 'ARGUMENT_INVALID' } });
});

it('refuses in the preload what is no message', async () => {
  const refused = `(() => { try { window.bulkhead.open().send({ channel: 'x' }); return 'sent'; } catch (error) { return error.message; } })()`;
  expect(await desktop.evaluate<string>(refused)).toContain('Not a message of the contract');
});

it('runs no inline code, reaches no other origin, embeds nothing', async () => {
  expect(await desktop.evaluate(`(() => {
    const script = document.createElement('script');
    script.textContent = 'window.injected = true';
    document.head.append(script);
    return window.injected === true;
  })()`)).toBe(false);
  // from a timer: the debugger's own evaluation is above the policy
  expect(await desktop.evaluate(`new Promise((resolve) => setTimeout(() => {
    try { resolve(new Function('return 1')()); } catch { resolve('refused'); }
  }))`)).toBe('refused');
  expect(await desktop.evaluate(`fetch('https://example.invalid/').then(() => 'fetched', () => 'refused')`)).toBe('refused');
});

it('stays on its own screens: no other address, no second window', async () => {
  await desktop.evaluate(`void (location.href = 'https://example.invalid/')`);
  await desktop.evaluate(`void window.open('https://example.invalid/')`);
  await desktop.waitFor('document.querySelector("#app")?.childElementCount > 0');
  expect(await callInPage(desktop, 'app.info', {})).toMatchObject({ kind: 'result' });
});

it('gives nothing outside the folder of the screens', async () => {
  const status = (path: string): Promise<number> => desktop.evaluate(`fetch(${JSON.stringify(path)}).then((answer) => answer.status)`);
  expect(await status('/index.html')).toBe(200);
  for (const path of ['/%2e%2e/main/desktop.js', '/..%2fmain/desktop.js', '/..%5cmain/desktop.js', '/../../package.json']) expect(await status(path), path).toBe(404);
});

it('opens the screen that is chosen in the menu', async () => {
  await desktop.clickMenu('go.failover');
  await desktop.waitFor('location.hash === "#/failover"');
  await desktop.clickMenu('go.topology');
  await desktop.waitFor('location.hash === "#/"');
});
