import { spawn } from 'node:child_process';
import { npmGoneSignal } from '../../electron/shells/interrupt.ts';

/** How a program ended: its exit code, and how long it ran, milliseconds. */
export interface Ending {
  readonly code: number;
  readonly ranMs: number;
}

/** Runs a program in the foreground; signals for us are passed on, and we end when it has ended. */
export function runProgram(program: string, args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Ending> {
  const began = performance.now();
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'inherit', env: environment });
    const passOn = (signal: NodeJS.Signals): void => {
      // a terminal sends Ctrl-C to both of us
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    for (const signal of signals) process.on(signal, passOn);
    npmGoneSignal(environment).addEventListener('abort', () => child.kill('SIGTERM'), { once: true });
    const ended = (code: number): void => {
      for (const signal of signals) process.off(signal, passOn);
      resolve({ code, ranMs: performance.now() - began });
    };
    child.once('error', () => ended(127));
    child.once('exit', (code, signal) => ended(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}
