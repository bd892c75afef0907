import type { Reader, Session } from '../cluster/ports.ts';
import type { BlobName, Filestore } from '../filestore/index.ts';
import { hasBlobRow } from '../metadata/collection.ts';
import { claimed, type ClaimedFiles } from './claim.ts';

/** Leftovers looked at in one transaction. */
const sweptAtOnce = 16;

export type SweptFiles = Pick<Filestore, 'putAside' | 'leftovers' | 'remove' | 'dropIncarnation'> & ClaimedFiles;

/**
 * Removes what a gone incarnation left in the filestore. To be called once its sessions have been ended: from then on nothing of it can
 * commit, so a published file without a row will never get one. A leftover whose blob has a row was published and committed: only its
 * staging name goes, with the folder.
 *
 * Its process may only stand still, and wake up here in the middle of publishing. So its staging folder is put aside before anybody looks
 * into it; and since a client of a network filesystem may hold on to what it looked up before, what was removed is removed once more
 * when its staging name is gone, after which nothing can be linked to it.
 *
 * @returns how many published files without a row were removed
 * @throws NOT_MASTER, COLLECTION_LOCKED, FILESTORE_UNAVAILABLE; it is to be called again then
 */
export async function sweepIncarnation(
  filestore: SweptFiles, session: { readonly leadership: Pick<Session['leadership'], 'fenced'> }, incarnation: string,
): Promise<number> {
  // all of it under the fence: a former master that was frozen here must not come back to it
  const fenced = <T>(effect: (trx: Reader) => Promise<T>): Promise<T> => claimed((work) => session.leadership.fenced(work), filestore, effect);
  const removeRowless = async (blobs: readonly BlobName[]): Promise<number> => {
    let removed = 0;
    for (let start = 0; start < blobs.length; start += sweptAtOnce) {
      removed += await fenced(async (trx) => {
        let count = 0;
        for (const { sha256, generation } of blobs.slice(start, start + sweptAtOnce)) {
          if (!(await hasBlobRow(trx, sha256, generation)) && (await filestore.remove(sha256, generation))) count += 1;
        }
        return count;
      });
    }
    return removed;
  };
  let removed = 0;
  // a writer that woke up may have begun a new folder meanwhile; an interrupted sweep has left one that was put aside
  for (let again = true, first = true; again; first = false) {
    again = await fenced(() => filestore.putAside(incarnation));
    if (!again && !first) break;
    const published = (await filestore.leftovers(incarnation)).flatMap(({ blob }) => (blob === null ? [] : [blob]));
    removed += await removeRowless(published);
    await fenced(() => filestore.dropIncarnation(incarnation));
    removed += await removeRowless(published);
  }
  return removed;
}

