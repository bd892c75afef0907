import { BulkheadError } from '../contract/index.ts';
import type { BlobName, Digests } from '../filestore/index.ts';
import type { InspectedFile } from '../formats/index.ts';
import type { Content } from './content.ts';

/** Bytes that are in the filestore, for a look into them. `open` throws BLOB_MISSING when they are not there any more. */
export function storedBytes({ filestore }: Pick<Content, 'filestore'>, blob: BlobName & Digests & { readonly size: number }): InspectedFile {
  return {
    size: blob.size, sha256: blob.sha256, sha1: blob.sha1, md5: blob.md5,
    open: async (range) => {
      const stream = await filestore.stream(blob, range);
      if (stream === null) throw new BulkheadError('BLOB_MISSING');
      return stream;
    },
  };
}
