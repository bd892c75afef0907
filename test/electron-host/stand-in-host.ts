import { fork } from 'node:child_process';
import { join } from 'node:path';
import { desktopEnvironment } from './desktop-environment.ts';
import type { DesktopHost, DesktopOptions } from './desktop-host.ts';
import { waitForPage } from './page-wait.ts';
import type { Request } from './stand-in/asked.ts';

/** What only the stand-in can tell. */
export interface StandInHost extends DesktopHost {
  asked(): Promise<Request[]>;
  windows(): Promise<number>;
  /** Errors and policy violations that the page's console showed. */
  complaints(): Promise<string[]>;
  /** The app's answers to a page that asks for, checks, or wants a device for a permission. */
  permission(name: string): Promise<boolean[]>;
  answerDialogs(...answers: number[]): Promise<void>;
  secondInstance(): Promise<void>;
  crash(): Promise<void>;
  closeWindow(): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when the process has ended, to its exit code. */
  readonly ended: Promise<number>;
  /** what the process printed */
  printed(): string;
}

type Reply = { id: number; value: unknown } | { id: number; error: string };

/** Runs the built desktop on the stand-in for Electron, in a process of its own. */
export async function startOnStandIn(options: DesktopOptions): Promise<StandInHost> {
  const child = fork(join(options.root, 'out', 'main', 'desktop.js'), [], {
    execArgv: ['--import', join(import.meta.dirname, 'stand-in', 'register.ts')],
    env: desktopEnvironment(options.home, { STAND_IN_USER_DATA: options.home, ...options.environment }),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'json',
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: Buffer) => { printed += part.toString(); });

  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const ended = new Promise<number>((resolve) => {
    child.once('exit', (code) => {
      for (const { reject } of waiting.values()) reject(new Error(`the app has ended with ${String(code)}:\n${printed}`));
      resolve(code ?? -1);
    });
  });
  child.on('message', (reply: Reply) => {
    const asker = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('error' in reply) asker?.reject(new Error(`${reply.error}\n${printed}`));
    else asker?.resolve(reply.value);
  });

  let lastId = 0;
  const ask = <T>(method: string, ...args: unknown[]): Promise<T> => new Promise<T>((resolve, reject) => {
    const id = ++lastId;
    waiting.set(id, { resolve: (value) => resolve(value as T), reject });
    child.send({ id, method, args }, (error) => { if (error !== null) reject(error); });
  });

  return {
    evaluate: (expression) => ask('evaluate', expression),
    waitFor: (expression) => waitForPage((text) => ask('evaluate', text), expression),
    screenshot: (path) => ask('screenshot', path),
    clickMenu: (id) => ask('clickMenu', id),
    asked: () => ask('asked'),
    windows: () => ask('windows'),
    complaints: () => ask('complaints'),
    permission: (name) => ask('permission', name),
    answerDialogs: (...answers) => ask('answerDialogs', ...answers),
    secondInstance: () => ask('secondInstance'),
    crash: () => ask('crash'),
    closeWindow: () => ask('closeWindow'),
    kill: (signal) => { child.kill(signal); },
    quit: async () => {
      // the process may be gone before it can answer
      await ask('quit').catch(() => undefined);
      return ended;
    },
    end: async () => {
      if (child.connected) child.disconnect();
      // a process that is killed leaves its Chromium running: only one that would never end
      const patience = setTimeout(() => child.kill('SIGKILL'), 60_000);
      await ended;
      clearTimeout(patience);
    },
    ended,
    printed: () => printed,
  };
}
