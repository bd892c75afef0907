import type { Readable } from 'node:stream';

/** A stream cannot be sent twice, so it cannot be resumed. */
export type UploadSource = { readonly file: string } | { readonly content: string | Uint8Array } | { readonly stream: Readable };

export interface UploadOptions {
  /** permission bits, 0o644 when left out */
  readonly mode?: number;
  /** of the file as it will be on the host, lower-case hexadecimal; computed when left out */
  readonly sha256?: string;
  /** compress on the way; true when left out */
  readonly compressed?: boolean;
  /** `file` is gzip already and is unpacked on the host: compress once, send to many. `sha256` is then that of the unpacked file, and needed. */
  readonly unpack?: boolean;
  /** go on where an earlier upload of the same content was cut; true when left out */
  readonly resume?: boolean;
  /** write as root */
  readonly sudo?: boolean;
  readonly onProgress?: (progress: UploadProgress) => void;
  readonly signal?: AbortSignal;
}

export interface UploadProgress {
  /** bytes of the source that the host has, those of earlier attempts included */
  readonly sent: number;
  /** null for a stream */
  readonly total: number | null;
}

export interface UploadResult {
  readonly sha256: string;
  /** size of the file on the host */
  readonly bytes: number;
  /** bytes of the source that an earlier attempt had brought */
  readonly resumedAt: number;
  /** true: the same file was there already, and nothing was sent */
  readonly unchanged: boolean;
}
