import { collectNow } from '../garbage-collector.ts';

/** Bytes of chunks between two collections. */
const portionBytes = 16 * 1024 * 1024;

let waiting = 0;

/**
 * So many bytes of a large body were taken in and are garbage now.
 *
 * Each chunk of a body is a buffer outside of the heap with a tiny object inside of it. The young generation is collected when it is full of objects, which takes
 * hundreds of megabytes of such buffers; long before that, V8 sees that much memory is held outside and looks through the whole old generation for what is not there.
 * For a body of 1 GB that took longer than its three digests. A collection of the young generation for every few chunks takes next to nothing and finds all of them.
 */
export function chunksTakenIn(bytes: number): void {
  waiting += bytes;
  if (waiting < portionBytes) return;
  waiting = 0;
  collectNow({ type: 'minor' });
}
