/**
 * A signal that aborts at Ctrl-C, SIGTERM or the loss of the terminal. A second Ctrl-C ends the process at once,
 * for whoever does not want to wait for the orderly end.
 */
export function interruptSignal(): AbortSignal {
  const interrupt = new AbortController();
  const onSignal = (): void => {
    if (interrupt.signal.aborted) process.exit(130);
    interrupt.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  return interrupt.signal;
}

/** Resolves when the signal aborts, and keeps the process alive until then: a listener alone does not. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const alive = setInterval(() => undefined, 60_000);
  signal.addEventListener('abort', () => resolve(undefined), { once: true });
  return promise.finally(() => clearInterval(alive)).then(() => undefined);
}

/**
 * Aborts when npm, which ran this as a script, is gone. npm passes SIGTERM to the shell between it and us, and shells
 * die of it without passing it on: without this, ending `npm run …` would leave its program running.
 * Never aborts for a program that was not started by npm: that one may outlive its parent on purpose.
 */
export function npmGoneSignal(environment: NodeJS.ProcessEnv): AbortSignal {
  const gone = new AbortController();
  if (environment['npm_lifecycle_event'] === undefined) return gone.signal;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    gone.abort();
  }, 200);
  timer.unref();
  return gone.signal;
}
