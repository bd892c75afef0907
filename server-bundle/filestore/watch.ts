import { statfs } from 'node:fs/promises';
import { BulkheadError } from '../contract/index.ts';
import { afterSilence } from '../silence.ts';
import { asFilestoreError, FilestoreBusy, systemCode } from './failures.ts';
import { checkMarker, markerFileIs, type MarkerFile } from './marker.ts';
import type { FilestoreReport } from './ports.ts';

const intervalMs = 1000;
/** A check that takes longer than this says that the mount hangs. */
const answerMs = 3000;
/** One that takes so long says so whatever else is answered: what ends in this host's memory does not need the share. */
const hungMs = 12_000;

/** Looks after the filestore for the whole life of the process: is it there, is it ours, has it room? */
export class Watch {
  readonly #path: string;
  #clusterId: string | null = null;
  #problem: BulkheadError | null = new BulkheadError('FILESTORE_UNAVAILABLE', 'The filestore has not been checked yet');
  #room: { totalBytes: number; freeBytes: number } | null = null;
  #checking: Promise<void> = Promise.resolve();
  /** when the last check began, on the clock of `performance.now` */
  #begunAt = 0;
  /** a check that has not begun yet: whoever asks now may join it */
  #next: Promise<void> | null = null;
  /** the marker as the last whole check has found it, and when that was, milliseconds of the monotonic clock */
  #found: { readonly file: MarkerFile; readonly at: number } | null = null;
  #timer: NodeJS.Timeout | null = null;

  /** when the folder last answered anybody, on the clock of `performance.now` */
  readonly #answeredAt: () => number;

  constructor(path: string, answeredAt: () => number = () => -Infinity) {
    this.#path = path;
    this.#answeredAt = answeredAt;
  }

  async bind(clusterId: string): Promise<void> {
    if (this.#clusterId !== null && this.#clusterId !== clusterId) {
      throw new BulkheadError('FILESTORE_FOREIGN', `The filestore is bound to cluster ${this.#clusterId}, not to ${clusterId}`);
    }
    this.#clusterId = clusterId;
    this.#timer ??= setInterval(() => {
      this.#found = null;
      this.verify().catch(() => undefined);
    }, intervalMs).unref();
    await this.verify();
  }

  report(): FilestoreReport {
    const problem = this.#problem;
    return {
      path: this.#path,
      state: problem === null ? 'ok' : problem.code === 'FILESTORE_FOREIGN' ? 'foreign' : 'unavailable',
      reason: problem?.message ?? null,
      totalBytes: this.#room?.totalBytes ?? null,
      freeBytes: this.#room?.freeBytes ?? null,
    };
  }

  /** Throws what the last check found, without a call into the folder. */
  assertUsable(): void {
    // a new error each time: a stack that points at the request, and no shared state
    if (this.#problem !== null) throw new BulkheadError(this.#problem.code, this.#problem.message, { details: this.#problem.details });
  }

  /** A check that began after this call was made; throws what it finds. Never waits longer than `answerMs`: OVERLOADED then where the folder answers others. */
  async verify(): Promise<void> {
    const clusterId = this.#clusterId;
    if (clusterId === null) {
      this.assertUsable();
      return;
    }
    // one call into a hung mount is enough: it holds a thread until the mount comes back
    this.#next ??= this.#checking.then(() => {
      this.#next = null;
      this.#begunAt = performance.now();
      this.#checking = this.#check(clusterId);
      return this.#checking;
    });
    let answered = (): void => undefined;
    const silence = new Promise<'silent'>((resolve) => { answered = afterSilence(answerMs, () => { resolve('silent'); }); });
    const outcome = await Promise.race([this.#next, silence]);
    answered();
    if (outcome === 'silent') {
      // threads that are all in use, or a disk that writes: the check waits behind what others have asked for
      const now = performance.now();
      if (now - this.#answeredAt() < answerMs / 2 && now - this.#begunAt < hungMs) throw new FilestoreBusy();
      this.#problem = new BulkheadError('FILESTORE_UNAVAILABLE', 'The filestore does not answer');
    }
    this.assertUsable();
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /**
   * Between two whole checks, the file of the marker being the very same one says enough: what is not mounted has none, and what is mounted in its
   * place has another. Never rejects: what it finds is in `#problem`.
   */
  async #check(clusterId: string): Promise<void> {
    try {
      const found = this.#found;
      if (found !== null && this.#problem === null && performance.now() - found.at < intervalMs && await markerFileIs(this.#path, found.file)) return;
      this.#found = { at: performance.now(), file: await checkMarker(this.#path, clusterId) };
      const room = await statfs(this.#path);
      this.#room = { totalBytes: room.blocks * room.bsize, freeBytes: room.bavail * room.bsize };
      this.#problem = null;
    } catch (error) {
      const mapped = asFilestoreError(error);
      const code = systemCode(error) ?? 'an unexpected error';
      this.#problem = mapped instanceof BulkheadError ? mapped
        : new BulkheadError('FILESTORE_UNAVAILABLE', `The filestore cannot be checked: ${code}`, { cause: error });
      this.#room = null;
      this.#found = null;
    }
  }
}
