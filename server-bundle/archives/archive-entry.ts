import type { Readable } from 'node:stream';

/** Bytes of an archive that can be read from any position. */
export interface ArchiveSource {
  /** bytes */
  readonly size: number;
  /** @param range both ends included; without it all bytes */
  open(range?: { readonly start: number; readonly end: number }): Promise<Readable>;
}

/** A file or folder in an archive, in the archive's order. What a walk yields has to be opened and read, or left, before the next is asked for. */
export interface ArchiveEntry {
  /** with "/" between segments, none at either end, none of them "", "." or ".." */
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** bytes, as the archive declares them; other ones are an error */
  readonly size: number;
  /** Unpacked bytes. The stream fails with ARCHIVE_INVALID when they are not what the archive says. */
  open(): Promise<Readable>;
}
