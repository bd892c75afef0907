import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../../scripts/build.ts';
import { freePort } from '../harness/free-port.ts';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { accessibilityProblems, openPage, overflowsSideways, type OpenPage } from './browser.ts';
import { ownEnvironment, removeDemo, startConsole, type RunningConsole } from './console-process.ts';
import { takePicture } from './pictures.ts';
import { wiresOf, type Wire } from './wires.ts';
import { startTraffic, type Traffic } from './traffic.ts';

/** The main job as a person does it: from the empty screen to a cluster that outlives its master. Each test goes on from the one before. */
describe('the demo cluster on the screens of the console', () => {
  let folder: TemporaryFolder;
  let environment: NodeJS.ProcessEnv;
  let shell: RunningConsole;
  let open: OpenPage;
  let port: number;
  let password = '';
  let traffic: Traffic | null = null;

  beforeAll(async () => {
    await ensureBuilt();
    folder = await temporaryFolder('screens');
    environment = ownEnvironment(folder.path);
    port = await freePort();
    shell = await startConsole(environment);
    open = await openPage(shell.address);
  });
  afterAll(async () => {
    await traffic?.stop();
    await open.close();
    await shell.kill();
    await removeDemo(environment);
    await folder.remove();
  });

  const page = () => open.page;
  const pill = (words: RegExp) => page().locator('header .pill', { hasText: words });
  const node = (nodeId: string) => page().locator(`[data-stop="node:${nodeId}"]`);
  const masterOnScreen = async (): Promise<{ nodeId: string; epoch: number }> => {
    const words = await pill(/^master /).textContent();
    const [, nodeId = '', epoch = '0'] = /master (\S+) · epoch (\d+)/.exec(words ?? '') ?? [];
    return { nodeId, epoch: Number(epoch) };
  };
  const wires = (): Promise<Wire[]> => wiresOf(page());
  const inBothThemes = async (check: (theme: 'dark' | 'light') => Promise<void>): Promise<void> => {
    for (const theme of ['light', 'dark'] as const) {
      await page().emulateMedia({ colorScheme: theme });
      await page().locator(`html[data-theme=${theme}]`).waitFor();
      await waitFor('colours that have settled', () => page().evaluate<boolean>('document.getAnimations().every((each) => !(each instanceof CSSTransition))'));
      await check(theme);
    }
  };

  it('says what it will start before it starts it', async () => {
    await page().getByRole('button', { name: 'Start the demo cluster' }).waitFor();
    const nodes = page().getByRole('row', { name: /^Node node-\d/ });
    await nodes.nth(2).waitFor();
    expect(await nodes.count()).toBe(3);
    expect(await page().getByRole('row', { name: /^Data folder/ }).textContent()).toContain(folder.path);
    await inBothThemes(async (theme) => {
      expect(await accessibilityProblems(page())).toEqual([]);
      await takePicture(page(), `first-run-${theme}`);
    });
  });

  it('refuses options that make no sense, and takes a port', async () => {
    await page().getByText('Options').click();
    await page().getByLabel('Nodes').fill('12');
    await page().getByText('Nodes: a number from 1 to 9').waitFor();
    await page().getByLabel('Nodes').fill('3');
    await page().getByLabel('Port of the balancer').fill(String(port));
    await page().getByRole('row', { name: new RegExp(`:${port}`) }).waitFor();
  });

  it('starts three serving nodes with one click, telling each step', async () => {
    await page().getByTestId('start-demo').click();
    await page().getByTestId('demo-steps').getByText(/Step \d of \d/).waitFor();
    expect(await accessibilityProblems(page())).toEqual([]);
    await pill(/^3 of 3 serving$/).waitFor();
    expect((await masterOnScreen()).epoch).toBe(1);
  });

  it('hands out the generated password once, masked until asked for', async () => {
    const steps = page().getByTestId('first-steps');
    await steps.waitFor();
    expect(await steps.textContent()).toContain('••••');
    await inBothThemes(async () => {
      expect(await accessibilityProblems(page())).toEqual([]);
    });
    await takePicture(page(), 'first-steps-dark');
    await steps.getByRole('button', { name: 'Show' }).click();
    password = (await steps.locator('.value').textContent()) ?? '';
    const kept = JSON.parse(await readFile(join(folder.path, 'data/bulkhead/demo/admin.json'), 'utf8')) as { password: string };
    expect(password).toBe(kept.password);
    await steps.getByRole('button', { name: 'I have it' }).click();
    await steps.waitFor({ state: 'detached' });
    expect(await page().content()).not.toContain(password);
  });

  it('keeps the wires to the nodes still while nothing happens', async () => {
    // the balancer may not have heard of every node yet when the first picture is drawn
    await waitFor('whole wires at rest', async () => {
      const toNodes = (await wires()).filter(({ name }) => name.startsWith('balancer-'));
      return toNodes.length === 3 && toNodes.every(({ speed, runs, cut }) => speed === 0 && !runs && !cut);
    });
  });

  it('shows uploads as traffic', async () => {
    traffic = startTraffic(`http://127.0.0.1:${port}`, password);
    await waitFor('moving wires', async () => (await wires()).some(({ name, speed, runs }) => name.startsWith('balancer-') && speed > 0 && runs));
    await waitFor('requests on a card', async () => {
      const figures = await page().locator('[data-stop^="node:"] .figures').allTextContents();
      return figures.some((text) => Number(/req\/s\s*(\d[\d.]*)/.exec(text)?.[1] ?? 0) > 0);
    });
    expect(traffic.failures).toEqual([]);
    await waitFor('a sparkline that has grown', async () => ((await page().locator('[data-stop^="node:"] polyline').first().getAttribute('points'))?.split(' ').length ?? 0) > 12);
    await inBothThemes(async (theme) => {
      expect(await accessibilityProblems(page())).toEqual([]);
      await takePicture(page(), `topology-${theme}`);
    });
  });

  it('kills the master in the picture, after saying what that breaks, and shows the next one', async () => {
    const before = await masterOnScreen();
    await node(before.nodeId).click();
    await page().getByRole('button', { name: 'Kill…' }).click();
    const question = page().getByTestId('confirm');
    expect(await question.textContent()).toMatch(/This is the master/);
    expect(await accessibilityProblems(page())).toEqual([]);
    await takePicture(page(), 'kill-master-dark');
    await question.getByRole('button', { name: `Kill ${before.nodeId}` }).click();
    const after = await waitFor('a new master', async () => {
      const now = await masterOnScreen();
      return now.epoch > before.epoch ? now : null;
    });
    expect(after.epoch).toBe(before.epoch + 1);
    expect(after.nodeId).not.toBe(before.nodeId);
    await waitFor('the killed node as stopped', async () => ((await node(before.nodeId).textContent()) ?? '').includes('stopped'));
    await waitFor('the cut wire', async () => {
      const wire = (await wires()).find(({ name }) => name === `balancer-${before.nodeId}`);
      return wire?.cut === true && !wire.runs;
    });
    expect(await accessibilityProblems(page())).toEqual([]);
    await takePicture(page(), 'master-killed-dark');
    const answered = traffic?.done() ?? 0;
    await waitFor('requests after the kill', () => (traffic?.done() ?? 0) > answered + 50);
    expect(traffic?.failures).toEqual([]);
  });

  it('starts the killed node again', async () => {
    await page().getByRole('button', { name: 'Start', exact: true }).click();
    await pill(/^3 of 3 serving$/).waitFor();
  });

  it('is walked with the arrow keys', async () => {
    await node('node-1').focus();
    await page().keyboard.press('ArrowRight');
    expect(await page().locator(':focus').getAttribute('data-stop')).toBe('node:node-2');
    await page().keyboard.press('ArrowUp');
    expect(await page().locator(':focus').getAttribute('data-stop')).toBe('balancer');
    await page().keyboard.press('ArrowDown');
    await page().keyboard.press('ArrowDown');
    expect(await page().locator(':focus').getAttribute('data-stop')).toMatch(/database|filestore/);
    await page().keyboard.press('Enter');
    await page().getByRole('complementary', { name: 'Details' }).getByRole('heading', { name: /^(Database|Filestore)/ }).waitFor();
  });

  it('runs a drill from the palette and reports what was measured', async () => {
    const before = await masterOnScreen();
    await page().keyboard.press('Control+k');
    await page().getByRole('combobox', { name: 'Command' }).waitFor();
    expect(await accessibilityProblems(page())).toEqual([]);
    await page().keyboard.type('failover drill');
    await takePicture(page(), 'palette-dark');
    await page().keyboard.press('Enter');
    // it may be over soon: it is looked for before it begins
    const clock = page().getByTestId('drill-clock').waitFor();
    await page().getByTestId('confirm').getByRole('button', { name: 'Kill the master' }).click();
    await clock;
    const report = page().getByTestId('drill-report');
    await report.waitFor();
    const words = (await report.textContent()) ?? '';
    expect(words).toContain(`${before.nodeId} was killed in epoch ${before.epoch}`);
    expect(words).toMatch(/Without a master\s*[\d.]+\s*(ms|s)/);
    expect(words).toMatch(/Requests that failed\s*0/);
    await pill(/^3 of 3 serving$/).waitFor();
  });

  it('hands over to a chosen node', async () => {
    const before = await masterOnScreen();
    const target = ['node-1', 'node-2', 'node-3'].find((nodeId) => nodeId !== before.nodeId) ?? '';
    await page().getByLabel('New master').selectOption(target);
    await page().getByRole('button', { name: 'Hand over', exact: true }).click();
    await waitFor('the new master', async () => {
      const now = await masterOnScreen();
      return now.nodeId === target && now.epoch === before.epoch + 1;
    });
    await page().getByRole('cell', { name: 'handed over' }).first().waitFor();
  });

  it.each(['failover', 'database', 'activity', 'demo', 'settings', ''])('is accessible and fits every window: /%s', async (screen) => {
    await page().goto(`${new URL(page().url()).origin}/#/${screen}`);
    await page().locator('h1').first().waitFor({ state: 'attached' });
    await page().locator('.skeleton').waitFor({ state: 'detached' });
    for (const size of [{ width: 1024, height: 700 }, { width: 2560, height: 1440 }, { width: 1440, height: 900 }]) {
      await page().setViewportSize(size);
      await inBothThemes(async (theme) => {
        // the large window shows the same page larger: what axe-core finds there it finds in the others
        if (size.width < 2000) expect(await accessibilityProblems(page())).toEqual([]);
        expect(await overflowsSideways(page())).toBe(false);
        await takePicture(page(), size.width === 1440 ? `${screen === '' ? 'topology-selected' : screen}-${theme}` : `${screen === '' ? 'topology' : screen}-${theme}-${size.width}`);
      });
    }
  });

  it('adds a node live, and takes it out again', async () => {
    await page().getByRole('button', { name: '+ Add node' }).or(page().locator('.place[data-action="demo.addNode"]')).first().click();
    await pill(/^4 of 4 serving$/).waitFor();
    await node('node-4').click();
    await page().getByRole('button', { name: 'Remove…' }).click();
    await page().getByTestId('confirm').getByRole('button', { name: 'Remove node-4' }).click();
    await pill(/^3 of 3 serving$/).waitFor();
    await node('node-4').waitFor({ state: 'detached' });
  });

  it('has broken no rule of its policy and thrown no error so far', () => {
    expect(open.complaints).toEqual([]);
  });

  it('says so when the control room is gone, and lets nobody act', async () => {
    await traffic?.stop();
    await node('node-1').click();
    await shell.kill();
    await page().getByTestId('lost').waitFor();
    const buttons = page().getByRole('complementary', { name: 'Details' }).locator('[data-action]');
    expect(await buttons.count()).toBeGreaterThan(2);
    for (const button of await buttons.all()) expect(await button.getAttribute('aria-disabled')).toBe('true');
    await waitFor('ages on the cards', async () => /as of \d+ s ago/.test((await node('node-2').textContent()) ?? ''));
    expect((await wires()).every(({ runs }) => !runs)).toBe(true);
    expect(await accessibilityProblems(page())).toEqual([]);
    await takePicture(page(), 'control-room-lost-dark');
  });
});
