import type { Readable } from 'node:stream';
import { BulkheadError } from '../contract/index.ts';
import type { BlobFile, Filestore } from '../filestore/index.ts';
import type { StoredFile } from '../metadata/artifacts.ts';
import type { Content } from './content.ts';
import type { Repository } from './repository.ts';
import { resolveAgain } from './resolve.ts';

/** A file's bytes: all of them, when they are small and hot, or ways to read them. */
export type BlobSource =
  | { readonly file: StoredFile; readonly bytes: Buffer }
  | {
    readonly file: StoredFile; readonly bytes: null;
    open(range?: { start: number; end: number }): Promise<Readable>;
    openFile(): Promise<BlobFile>;
  };

/**
 * Finds the bytes of a resolved file. When they are gone the path is resolved once more, from the database: it may have been
 * overwritten and collected meanwhile.
 * @throws BLOB_MISSING when the bytes are not there although the database says so
 */
export async function readBlob(content: Content, repository: Repository, file: StoredFile): Promise<BlobSource> {
  const first = await find(content, file);
  if (first !== null) return first;
  const again = await resolveAgain(content, repository, file.path);
  const second = await find(content, again);
  if (second !== null) return second;
  throw new BulkheadError('BLOB_MISSING', `The bytes of ${repository.key}/${file.path} cannot be found`, { details: { sha256: again.blob.sha256 } });
}

async function find(content: Content, file: StoredFile): Promise<BlobSource | null> {
  const { memory, filestore } = content;
  const { blob } = file;
  if (memory.takes(blob.size)) {
    const bytes = memory.get(blob.sha256) ?? await memory.fetch(blob, () => wholeBlob(filestore, blob));
    return bytes === null ? null : { file, bytes };
  }
  if (await filestore.stat(blob) === null) return null;
  return {
    file, bytes: null,
    open: async (range) => {
      const stream = await filestore.stream(blob, range);
      if (stream === null) throw new BulkheadError('BLOB_MISSING');
      return stream;
    },
    openFile: async () => {
      const opened = await filestore.openFile(blob);
      if (opened === null) throw new BulkheadError('BLOB_MISSING');
      return opened;
    },
  };
}

/** A file of another length than its row says breaks off what is sent, or runs into the answer behind it: it is as good as none, and nobody keeps it. */
async function wholeBlob(filestore: Pick<Filestore, 'read'>, blob: StoredFile['blob']): Promise<Buffer | null> {
  const bytes = await filestore.read(blob);
  if (bytes !== null && bytes.length !== blob.size) throw new BulkheadError('BLOB_MISSING', 'A blob file has another length than its size', { details: { sha256: blob.sha256 } });
  return bytes;
}
