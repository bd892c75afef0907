import { setTimeout as pause } from 'node:timers/promises';
import { isBulkheadError } from '../contract/index.ts';
import { FilestoreBusy, type Staged } from '../filestore/index.ts';
import { databaseFailure } from '../metadata/failure.ts';
import type { Content } from './content.ts';

/** However long a body took to arrive, milliseconds. */
const longestMs = 30_000;
/** Between two attempts, milliseconds. */
const againMs = 250;

/**
 * Commits a received body. While the database is away or too busy it is tried again, for as long as the body took to arrive: who has sent for a minute is not sent
 * away for the seconds of a restart, and small bodies, which are soon sent again, pile up nowhere. Both errors say for certain that nothing was
 * committed; an outcome that is unknown is not tried again, nor is a filestore that is too busy: it was waited for already.
 *
 * @param commit may run several times
 * @throws what the last attempt has thrown
 */
export async function commitPatiently<T>({ session, log }: Pick<Content, 'session' | 'log'>, staged: Pick<Staged, 'arrivedInMs' | 'sha256'>, commit: () => Promise<T>): Promise<T> {
  const until = performance.now() + Math.min(staged.arrivedInMs, longestMs);
  for (;;) {
    try {
      return await commit();
    } catch (reason) {
      // a look that failed comes as the driver has put it
      const error = databaseFailure(reason) ?? reason;
      const mayPass = isBulkheadError(error, 'DATABASE_UNAVAILABLE') || (isBulkheadError(error, 'OVERLOADED') && !(error instanceof FilestoreBusy));
      if (!mayPass || performance.now() + againMs > until || session.signal.aborted) throw error;
      log.warn({ err: error, sha256: staged.sha256 }, 'a received body waits for the database');
      await pause(againMs, undefined, { signal: session.signal }).catch(() => { throw error; });
    }
  }
}
