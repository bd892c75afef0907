import { dialog, type App, type BrowserWindow } from 'electron';
import type { ContractClient } from '../../contract/index.ts';
import { demoRuns } from '../demo-runs.ts';

export interface QuitOptions {
  readonly client: ContractClient;
  /** window to ask in front of, when there is one */
  readonly window: () => BrowserWindow | null;
  /** ends the control room; its clusters go on */
  readonly close: () => Promise<void>;
}

type Choice = 'leave' | 'stop' | 'stay';

/**
 * Asks what becomes of a running demo before the app ends. Nothing is asked where nobody may be there to answer:
 * at SIGTERM, or when the session of the user ends.
 */
export function quitGracefully(app: App, options: QuitOptions): void {
  let state: 'running' | 'ending' | 'ended' = 'running';
  let mayAsk = true;

  const end = async (): Promise<void> => {
    const choice = mayAsk && (await demoRuns((signal) => options.client.call('demo.describe', {}, { signal }))) ? await askWhatBecomesOfTheDemo(options.window()) : 'leave';
    if (choice === 'stay') {
      state = 'running';
      return;
    }
    if (choice === 'stop') await options.client.call('demo.stop', {}).catch((error: unknown) => showStopFailed(error));
    await options.close();
    state = 'ended';
    app.quit();
  };

  app.on('before-quit', (event) => {
    if (state === 'ended') return;
    // the control room closes its files first; the second quit goes through
    event.preventDefault();
    if (state === 'ending') return;
    state = 'ending';
    void end().catch(() => app.exit(1));
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      mayAsk = false;
      app.quit();
    });
  }
}

async function askWhatBecomesOfTheDemo(window: BrowserWindow | null): Promise<Choice> {
  const question = {
    type: 'question' as const,
    message: 'The demo cluster is running',
    detail: 'It can go on without the app, and be stopped later from here or with "bulkhead demo down".',
    buttons: ['Leave it running', 'Stop it', 'Cancel'],
    defaultId: 0,
    cancelId: 2,
    noLink: true,
  };
  const { response } = await (window === null ? dialog.showMessageBox(question) : dialog.showMessageBox(window, question));
  return (['leave', 'stop', 'stay'] as const)[response] ?? 'stay';
}

function showStopFailed(error: unknown): void {
  dialog.showErrorBox('The demo cluster did not stop', error instanceof Error ? error.message : String(error));
}
