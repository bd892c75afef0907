import type { Session } from '../cluster/ports.ts';
import type { Filestore } from '../filestore/index.ts';
import { hasBlobRow } from '../metadata/collection.ts';
import { requireUnlocked } from './collect-garbage.ts';

/** Leftovers looked at in one transaction. */
const sweptAtOnce = 16;

/**
 * Removes what a gone incarnation left in the filestore. To be called once its sessions have been ended: from then on nothing of it can
 * commit, so a published file without a row will never get one. A leftover whose blob has a row was published and committed: only its
 * staging name goes, with the folder.
 *
 * @returns how many published files without a row were removed
 * @throws NOT_MASTER, COLLECTION_LOCKED, FILESTORE_UNAVAILABLE; it is to be called again then
 */
export async function sweepIncarnation(
  filestore: Pick<Filestore, 'leftovers' | 'remove' | 'dropIncarnation'>, session: Pick<Session, 'leadership'>, incarnation: string,
): Promise<number> {
  const published = (await filestore.leftovers(incarnation)).flatMap(({ blob }) => (blob === null ? [] : [blob]));
  let removed = 0;
  for (let start = 0; start < published.length; start += sweptAtOnce) {
    removed += await session.leadership.fenced(async (trx) => {
      await requireUnlocked(trx);
      let count = 0;
      for (const blob of published.slice(start, start + sweptAtOnce)) {
        if (!(await hasBlobRow(trx, blob.sha256, blob.generation)) && (await filestore.remove(blob.sha256, blob.generation))) count += 1;
      }
      return count;
    });
  }
  // the folder goes under the same fence: a former master that was frozen here must not come back to it
  await session.leadership.fenced(async (trx) => {
    await requireUnlocked(trx);
    await filestore.dropIncarnation(incarnation);
  });
  return removed;
}

