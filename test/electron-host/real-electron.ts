import { _electron } from 'playwright-core';
import { desktopEnvironment } from './desktop-environment.ts';
import type { DesktopHost, DesktopOptions } from './desktop-host.ts';
import { waitForPage } from './page-wait.ts';

/** Runs the built desktop on the real Electron, driven by playwright. */
export async function startOnElectron(binary: string, options: DesktopOptions): Promise<DesktopHost> {
  const app = await _electron.launch({ executablePath: binary, args: [options.root], env: desktopEnvironment(options.home, options.environment) });
  const page = await app.firstWindow();
  const ended = new Promise<number>((resolve) => app.process().once('exit', (code) => resolve(code ?? -1)));
  return {
    evaluate: (expression) => page.evaluate(expression),
    waitFor: (expression) => waitForPage((text) => page.evaluate(text), expression),
    screenshot: async (path) => { await page.screenshot({ path }); },
    clickMenu: (id) => app.evaluate(({ Menu }, wanted) => { Menu.getApplicationMenu()?.getMenuItemById(wanted)?.click(); }, id),
    quit: async () => {
      await app.evaluate(({ app: electron }) => { electron.quit(); }).catch(() => undefined);
      return ended;
    },
    end: async () => { await app.close().catch(() => undefined); },
  };
}
