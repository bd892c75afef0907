import { BulkheadError } from '../contract/index.ts';

/** What a walk through an archive may meet before it ends. */
export interface ArchiveLimits {
  readonly entries: number;
  /** unpacked bytes of all entries together */
  readonly bytes: number;
  /** unpacked bytes for each packed one, counted above `ratioFloor` bytes */
  readonly ratio: number;
  readonly ratioFloor: number;
}

const mebibyte = 1024 * 1024;
export const archiveLimits: ArchiveLimits = { entries: 10_000, bytes: 16 * 1024 * mebibyte, ratio: 200, ratioFloor: 64 * mebibyte };

/** Counts what one walk meets. It does not believe what the archive declares: unpacked bytes are counted as they come. */
export class ArchiveBudget {
  readonly #limits: ArchiveLimits;
  readonly #mostBytes: number;
  #entries = 0;
  #bytes = 0;

  /** @param packedBytes of the whole archive */
  constructor(limits: ArchiveLimits, packedBytes: number) {
    this.#limits = limits;
    this.#mostBytes = Math.min(limits.bytes, Math.max(limits.ratioFloor, limits.ratio * packedBytes));
  }

  /** @throws ARCHIVE_TOO_LARGE */
  countEntry(): void {
    this.#entries += 1;
    if (this.#entries > this.#limits.entries) throw tooLarge(`it has more than ${String(this.#limits.entries)} entries`);
  }

  /** Before anything is unpacked: a declared size that cannot be meant is refused at once. @throws ARCHIVE_TOO_LARGE */
  requireRoom(bytes: number): void {
    if (this.#bytes + bytes > this.#mostBytes) throw tooLarge(`unpacked it has more than ${String(this.#mostBytes)} bytes`);
  }

  /** @throws ARCHIVE_TOO_LARGE */
  countBytes(bytes: number): void {
    this.requireRoom(bytes);
    this.#bytes += bytes;
  }
}

function tooLarge(reason: string): BulkheadError {
  return new BulkheadError('ARCHIVE_TOO_LARGE', `The archive is too large: ${reason}`);
}
