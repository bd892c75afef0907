import type { Readable } from 'node:stream';
import type { IncomingHttpHeaders } from 'undici/types/header.js';
import type { ArtifactPlace, UploadedFile } from '../../contract/index.ts';

/** A file on its way to a person. */
export interface Download {
  readonly status: 200 | 206;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
}

/** Bytes in and out of a cluster, for the shells: they never pass the contract. */
export interface Transfers {
  /** Throws ARTIFACT_NOT_FOUND, CLUSTER_UNREACHABLE and what else a node says. The body ends with an error when the connection breaks. */
  download(place: ArtifactPlace, asked: { readonly range?: string; readonly signal: AbortSignal }): Promise<Download>;
  /** The next slice of an upload that "uploads.begin" has begun. Throws UPLOAD_NOT_FOUND and what a node says. */
  slice(uploadId: string, at: number, bytes: Uint8Array): Promise<void>;
  /** A whole body at once, for a program that has it. Throws ARTIFACT_EXISTS without `replace`. */
  upload(place: ArtifactPlace, body: AsyncIterable<Uint8Array>, options: { readonly size: number; readonly replace: boolean; readonly caller: string; readonly signal: AbortSignal }): Promise<UploadedFile>;
}
