import type { FileHandle } from 'node:fs/promises';
import { syncLimitMs, type Calls } from './calls.ts';

/** Bytes that wait for the disk before it is asked for them. */
const portionBytes = 32 * 1024 * 1024;

/**
 * Has the disk write a large body while the rest of it is still arriving. Left to the sync at its end, all of it would go to the disk at once, and
 * whoever else commits to that disk (PostgreSQL, where it shares it; other uploads) would stand still until it is there.
 */
export class EarlySync {
  readonly #file: FileHandle;
  readonly #calls: Calls;
  #waiting = 0;
  #underWay: Promise<void> | undefined;

  constructor(file: FileHandle, calls: Calls) {
    this.#file = file;
    this.#calls = calls;
  }

  /**
   * So many bytes more are in the file. Resolves at once, or, when the disk is behind by a whole portion, once it has caught up.
   * @throws what a sync failed with. The kernel tells of lost bytes once: a later sync would succeed, so whoever hears it must not go on
   */
  async wrote(bytes: number): Promise<void> {
    this.#waiting += bytes;
    if (this.#waiting < portionBytes) return;
    await this.#underWay;
    this.#waiting = 0;
    this.#underWay = this.#calls.run(() => this.#file.datasync(), syncLimitMs);
    // met by the next call; until then it must not count as unhandled
    this.#underWay.catch(() => undefined);
  }

  /** Resolves when nothing is under way any more: the file may be closed. @throws as `wrote` does */
  async end(): Promise<void> {
    await this.#underWay;
  }
}
