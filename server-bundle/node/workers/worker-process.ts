import { fork } from 'node:child_process';
import { realpathSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { FromWorker, ToWorker } from './messages.ts';

/** A worker as the system sees it. */
export interface WorkerProcess {
  readonly pid: number | undefined;
  /** @param socket a connection that the worker shares from then on; it stays open here */
  send(message: ToWorker, socket?: Socket): void;
  receive(take: (message: FromWorker, socket: Socket | undefined) => void): void;
  /** SIGKILL */
  kill(): void;
  /** resolves with what ended it, once the system has taken everything back that it held */
  readonly exited: Promise<string>;
}

/**
 * What starts a worker: the very program that this process has begun with, even when an upgrade has put another one in its place meanwhile. It waits to be
 * told what to do; nothing secret is in its arguments or its environment.
 */
export function workerProcesses(): () => WorkerProcess {
  const [, program = ''] = process.argv;
  const real = realpathSync(program);
  return () => startWorkerProcess(real);
}

function startWorkerProcess(program: string): WorkerProcess {
  const child = fork(program, ['work'], { serialization: 'advanced', execArgv: process.execArgv });
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => { resolve(signal ?? `exit code ${String(code)}`); });
    // could not be started at all, or not be written to: the latter ends with its exit
    child.on('error', (error) => { if (child.pid === undefined) resolve(error.message); });
  });
  return {
    pid: child.pid,
    send: (message, socket) => {
      if (!child.connected) return;
      if (socket === undefined) child.send(message, () => undefined);
      else child.send(message, socket, { keepOpen: true }, () => undefined);
    },
    receive: (take) => {
      child.on('message', (message, socket) => { take(message as FromWorker, socket as Socket | undefined); });
    },
    kill: () => { child.kill('SIGKILL'); },
    exited,
  };
}
