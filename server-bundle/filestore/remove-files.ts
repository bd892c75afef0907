import { unlink } from 'node:fs';
import type { Calls } from './calls.ts';
import { systemCode } from './failures.ts';
import { blobFile } from './layout.ts';
import type { BlobName } from './ports.ts';

/** Files that are deleted at the same time: a share answers many at once, and a few calls stay free for readers. */
const atOnce = 8;

export interface Removed {
  /** those whose files are gone now, in no order */
  readonly gone: readonly BlobName[];
  /** how many of them were not there before */
  readonly absent: number;
}

/**
 * Deletes the files of some blobs. After the first failure no further one is begun, nor after `withinMs`, which count from when the filestore
 * has room for a call: however many others wait for it, each place that was waited for deletes one. A failure is thrown when those under way have ended, so that nothing happens behind the caller's back (but for one call that hangs).
 */
export async function removeFiles(root: string, calls: Calls, blobs: readonly BlobName[], withinMs: number): Promise<Removed> {
  const names = blobs.values();
  const gone: BlobName[] = [];
  let absent = 0;
  let failed = false;
  // by callbacks: each promise of node:fs carries a buffer, and a million of them are felt
  const lane = (): Promise<void> => new Promise((resolve, reject) => {
    const until = performance.now() + withinMs;
    const next = (): void => {
      const { value: blob, done } = names.next();
      if (done === true || failed) {
        resolve();
        return;
      }
      unlink(blobFile(root, blob), (error) => {
        const missing = systemCode(error) === 'ENOENT';
        if (error !== null && !missing) {
          reject(error);
          return;
        }
        if (missing) absent += 1;
        gone.push(blob);
        if (performance.now() > until) resolve();
        else next();
      });
    };
    next();
  });
  const ended = await Promise.allSettled(Array.from({ length: Math.min(atOnce, blobs.length) }, () => calls.run(lane).catch((error: unknown) => {
    failed = true;
    throw error;
  })));
  for (const each of ended) if (each.status === 'rejected') throw each.reason;
  return { gone, absent };
}
