import type { Logger } from 'pino';

/** Calls `stop` at the first SIGTERM or SIGINT and again at each further one; resolves when the first call has. */
export async function stopOnSignal(log: Logger, stop: () => Promise<void>): Promise<void> {
  const stopped = Promise.withResolvers<undefined>();
  const onSignal = (signal: NodeJS.Signals): void => {
    log.info({ signal }, 'stopping');
    stop().then(() => { stopped.resolve(undefined); }, stopped.reject);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  try {
    await stopped.promise;
  } finally {
    process.off('SIGTERM', onSignal);
    process.off('SIGINT', onSignal);
  }
}
