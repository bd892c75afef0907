import type { StandInElectron } from './electron.ts';
import type { StandInContents } from './web-contents.ts';

/** A question of the test to the process in which the app runs. */
export interface Question {
  readonly id: number;
  readonly method: string;
  readonly args: unknown[];
}

type Method = (...args: never[]) => unknown;

/** Answers the test over the process's IPC channel, and ends the process when the app has quit or the test is gone. */
export function answerTest(electron: StandInElectron): void {
  const contents = (): StandInContents => {
    const window = electron.windows()[0];
    if (window === undefined) throw new Error('no window is open');
    return window.webContents;
  };
  const methods: Record<string, Method> = {
    asked: () => electron.asked.requests,
    windows: () => electron.windows().length,
    evaluate: async (expression: string) => (await contents().page()).evaluate(expression),
    screenshot: async (path: string) => { await (await contents().page()).screenshot({ path }); },
    complaints: () => contents().complaints,
    permission: (name: string) => electron.session.permission(name),
    clickMenu: (id: string) => electron.clickMenu(id),
    answerDialogs: (...answers: number[]) => { electron.dialogAnswers.push(...answers); },
    secondInstance: () => { electron.app.emit('second-instance'); },
    crash: async () => { await (await contents().page()).goto('chrome://crash').catch(() => undefined); },
    closeWindow: async () => { await electron.windows()[0]?.close(); },
    quit: () => electron.app.quit(),
  };
  process.on('message', (question: Question) => {
    void answer(methods[question.method], question.args).then((reply) => process.send?.({ id: question.id, ...reply }));
  });
  const end = (code: number): void => {
    void electron.end().finally(() => process.exit(code));
  };
  electron.app.on('stand-in:exit', end);
  process.on('disconnect', () => end(1));
}

async function answer(method: Method | undefined, args: unknown[]): Promise<{ value: unknown } | { error: string }> {
  try {
    if (method === undefined) throw new Error('no such method');
    return { value: await (method as (...args: unknown[]) => unknown)(...args) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
