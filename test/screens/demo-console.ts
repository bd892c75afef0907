import type { Page } from 'playwright-core';
import { ensureBuilt } from '../../scripts/build.ts';
import { freePort } from '../harness/free-port.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';
import { openPage } from './browser.ts';
import { ownEnvironment, removeDemo, startConsole } from './console-process.ts';
import { startDemo, type DemoLine } from './demo-program.ts';

/** A demo cluster of three nodes, a console that follows it, and a page that shows it. */
export interface DemoConsole extends AsyncDisposable {
  readonly demo: DemoLine;
  readonly environment: NodeJS.ProcessEnv;
  /** where all of it keeps its things */
  readonly folder: string;
  readonly page: Page;
  /** errors of the page and violations of its policy, as they were reported */
  readonly complaints: string[];
  /** Follows an address of the screens, as a link in them would. */
  go(address: string): Promise<unknown>;
}

/** Resolves when the page shows three serving nodes. What was started by then is ended when something fails. */
export async function openDemoConsole(label: string): Promise<DemoConsole> {
  await ensureBuilt();
  await using clean = new AsyncDisposableStack();
  const folder = clean.use(await temporaryFolder(label));
  const environment = ownEnvironment(folder.path);
  clean.defer(() => removeDemo(environment));
  const demo = await startDemo(environment, await freePort());
  const shell = clean.adopt(await startConsole(environment), (running) => running.kill());
  const { page, complaints } = clean.adopt(await openPage(shell.address), (open) => open.close());
  await page.locator('header .pill', { hasText: '3 of 3 serving' }).waitFor();
  const ends = clean.move();
  return {
    demo, environment, folder: folder.path, page, complaints,
    go: (address) => page.evaluate(`location.hash = '#${address}'`),
    [Symbol.asyncDispose]: () => ends.disposeAsync(),
  };
}
