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
