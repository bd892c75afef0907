import { statfs } from 'node:fs/promises';
import { BulkheadError } from '../contract/index.ts';
import { asFilestoreError, systemCode } from './failures.ts';
import { checkMarker } from './marker.ts';
import type { FilestoreReport } from './ports.ts';

const intervalMs = 1000;
/** A check that takes longer than this says that the mount hangs. */
const answerMs = 3000;

/** Looks after the filestore for the whole life of the process: is it there, is it ours, has it room? */
export class Watch {
  readonly #path: string;
  #clusterId: string | null = null;
  #problem: BulkheadError | null = new BulkheadError('FILESTORE_UNAVAILABLE', 'The filestore has not been checked yet');
  #room: { totalBytes: number; freeBytes: number } | null = null;
  #checking: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  async bind(clusterId: string): Promise<void> {
    if (this.#clusterId !== null && this.#clusterId !== clusterId) {
      throw new BulkheadError('FILESTORE_FOREIGN', `The filestore is bound to cluster ${this.#clusterId}, not to ${clusterId}`);
    }
    this.#clusterId = clusterId;
    this.#timer ??= setInterval(() => { this.verify().catch(() => undefined); }, intervalMs).unref();
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

  /** A check that began after this call was made; throws what it finds. Never waits longer than `answerMs`. */
  async verify(): Promise<void> {
    const clusterId = this.#clusterId;
    if (clusterId === null) {
      this.assertUsable();
      return;
    }
    // one call into a hung mount is enough: it holds a thread until the mount comes back
    this.#checking ??= this.#check(clusterId).finally(() => { this.#checking = null; });
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        this.#problem = new BulkheadError('FILESTORE_UNAVAILABLE', 'The filestore does not answer');
        resolve();
      }, answerMs);
    });
    await Promise.race([this.#checking, silence]);
    clearTimeout(timer);
    this.assertUsable();
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  async #check(clusterId: string): Promise<void> {
    try {
      await checkMarker(this.#path, clusterId);
      const room = await statfs(this.#path);
      this.#room = { totalBytes: room.blocks * room.bsize, freeBytes: room.bavail * room.bsize };
      this.#problem = null;
    } catch (error) {
      const mapped = asFilestoreError(error);
      const code = systemCode(error) ?? 'an unexpected error';
      this.#problem = mapped instanceof BulkheadError ? mapped
        : new BulkheadError('FILESTORE_UNAVAILABLE', `The filestore cannot be checked: ${code}`, { cause: error });
      this.#room = null;
    }
  }
}
