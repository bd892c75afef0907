import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { CollectionClaim } from './claim.ts';
import type { Removed } from './remove-files.ts';

/** Names one file of blob bytes for ever: a generation is never used twice. */
export interface BlobName {
  /** lower-case hexadecimal */
  readonly sha256: string;
  /** `<incarnation without dashes>-<counter>` */
  readonly generation: string;
}

/** Digests in lower-case hexadecimal, computed in one pass. */
export interface Digests {
  readonly sha256: string;
  readonly sha1: string;
  readonly md5: string;
}

/**
 * Bytes received and hashed, in a staging file of the incarnation. Exactly one of `release` and `discard` ends it;
 * a caller that does neither (unknown outcome of a commit) leaves the file to the sweep of its incarnation.
 */
export interface Staged extends BlobName, Digests {
  /** bytes */
  readonly size: number;
  /** from the first look for a byte to the last one, milliseconds */
  readonly arrivedInMs: number;
  /** The received bytes, or those from `start` to `end` (both included), for a look into them before `publish`. */
  open(range?: { readonly start: number; readonly end: number }): Promise<Readable>;
  /** Syncs the bytes and gives them their final name. Resolves when a power loss cannot take them any more. */
  publish(): Promise<void>;
  /** After the commit that refers to the blob: only the staging name goes. */
  release(): Promise<void>;
  /** When certainly nothing refers to the blob: staging name and published name go. */
  discard(): Promise<void>;
}

/** A staging file that is still being written, for reading what is in it already. It stays readable when the file has got another name, or none. */
export interface GrowingFile {
  /** up to `length` bytes from `position`, all of them written before */
  read(position: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** Told of a large body while it is being received; of a small one it hears nothing. */
export interface StageFollower {
  /** The first `bytes` bytes are in the file now. Whoever gets the file closes it. */
  written(bytes: number, file: GrowingFile): void;
}

/** One name in the staging folder of an incarnation. */
export interface Leftover {
  readonly name: string;
  /** the blob it may have been published as; null for a body that was never complete */
  readonly blob: BlobName | null;
}

/** An open file of blob bytes. It stays readable when its name is gone. */
export interface BlobFile {
  /** Reads up to `length` bytes from `position` to the beginning of `into`; 0 at the end of the file. After a failure the buffer may still be written to. */
  read(into: Buffer, position: number, length: number): Promise<number>;
  close(): Promise<void>;
}

/** A part of an upload, in a file of its own. */
export interface Piece {
  /** name below the folder of pieces */
  readonly file: string;
  /** bytes */
  readonly size: number;
}

export interface FilestoreReport {
  readonly path: string;
  /** `unavailable`: not mounted, hung, read-only, or not checked yet; `foreign`: another cluster's marker */
  readonly state: 'ok' | 'unavailable' | 'foreign';
  /** why it is not ok, one plain sentence; null when it is */
  readonly reason: string | null;
  readonly totalBytes: number | null;
  readonly freeBytes: number | null;
}

/**
 * The shared folder of blob bytes. Every method that touches the folder is limited in time and throws FILESTORE_UNAVAILABLE
 * (not mounted, hung, read-only), FILESTORE_FOREIGN (marker of another cluster) or FILESTORE_FULL.
 */
export interface Filestore {
  readonly path: string;
  /** Tells which cluster's marker is expected; until then every call is refused. Idempotent; another id is FILESTORE_FOREIGN. */
  bind(clusterId: string): Promise<void>;
  /** The last check's result; never waits. */
  state(): FilestoreReport;
  /** Checks marker and device now. */
  verify(): Promise<void>;
  /**
   * Streams `body` into a staging file of `incarnation` while it is hashed. Whatever makes it fail, nothing stays behind.
   * @throws what `body` failed with, besides the errors above
   */
  stage(incarnation: string, body: Readable | Buffer, follower?: StageFollower): Promise<Staged>;
  /** Opens a blob's file; null when it is certainly not there (ENOENT, after a fresh look, under a verified mount). */
  open(blob: BlobName): Promise<FileHandle | null>;
  /** The same, for reading with calls that are limited in time. */
  openFile(blob: BlobName): Promise<BlobFile | null>;
  /** Size in bytes of a blob's file; null when it is certainly not there. */
  stat(blob: BlobName): Promise<number | null>;
  /** A stream of the bytes from `start` to `end`, both included; null when the file is certainly not there. */
  stream(blob: BlobName, range?: { readonly start: number; readonly end: number }): Promise<Readable | null>;
  /** All bytes, for small blobs; null when the file is certainly not there. */
  read(blob: BlobName): Promise<Buffer | null>;
  /** A further digest, computed off the event loop; null when the file is certainly not there. */
  digest(blob: BlobName, algorithm: 'sha512'): Promise<string | null>;
  /** Who deletes from this filestore, read anew. `unreadable`: it cannot be told; null: nobody did yet. */
  collectionClaim(): Promise<CollectionClaim | 'unreadable' | null>;
  /** Says who deletes from now on; on disk when it resolves. For `tasks/claim.ts` only, which decides whether it may be said. */
  claimCollection(claim: CollectionClaim): Promise<void>;
  /** Deletes the bytes of one generation. False when they were gone already. For the collector, under a tombstone only. */
  remove(sha256: string, generation: string): Promise<boolean>;
  /**
   * Deletes the bytes of many generations, several at a time, and stops at the first failure, or when `withinMs` of deleting are over, with at
   * least one gone. An absent file counts as gone only when the share is still the right one afterwards.
   */
  removeAll(blobs: readonly BlobName[], withinMs?: number): Promise<Removed>;
  /**
   * Gives the staging folder of a gone incarnation another name. A writer that was frozen in the middle of publishing finds nothing
   * to publish when it wakes up, so what is left is all that there will ever be. False when there was no folder.
   */
  putAside(incarnation: string): Promise<boolean>;
  /**
   * What an incarnation left in its staging folder, put aside or not; where it was not, without the files under way in this process.
   * The sweep calls it for an incarnation that is gone and whose sessions were ended, after `putAside`: a leftover whose blob has a row
   * stays (only its staging name goes, with the folder), any other blob is removed with `remove`; then `dropIncarnation`.
   */
  leftovers(incarnation: string): Promise<Leftover[]>;
  /** Deletes what was put aside of a gone incarnation, and everything in it. */
  dropIncarnation(incarnation: string): Promise<void>;
  /** Incarnations that have a staging folder which was not put aside. */
  incarnations(): Promise<string[]>;
  /**
   * Writes one piece of an upload to a new file and syncs it. Its name is never used again, and nobody but this call writes to it; whatever
   * makes it fail, nothing stays behind.
   * @throws what `body` failed with
   */
  keepPiece(incarnation: string, uploadId: string, body: Readable): Promise<Piece>;
  /** The bytes of a piece; null when its file is certainly not there. */
  openPiece(file: string): Promise<Readable | null>;
  removePiece(file: string): Promise<void>;
  /** Every piece, with the upload that it belongs to. */
  pieces(): Promise<{ readonly file: string; readonly uploadId: string }[]>;
  /** Ends the checks and the hashing threads. */
  close(): Promise<void>;
}
