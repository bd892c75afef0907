import { BulkheadError } from '../../contract/index.ts';
import { findFile } from '../../metadata/artifacts.ts';
import { folderExists } from '../../metadata/folders.ts';
import type { Packaging } from '../../repositories/deploy.ts';
import { meetsIfMatch } from './preconditions.ts';

/** `If-Match`: the change is made of what the client has seen, or not at all. @throws PRECONDITION_FAILED, in the transaction */
export function presentOnly(ifMatch: string, path: string): NonNullable<Packaging['requires']> {
  return async (trx, repository) => {
    const file = await findFile(trx, repository.id, path);
    if (file === undefined) {
      // a folder has no ETag; it is there all the same
      if (ifMatch.trim() === '*' && await folderExists(trx, repository.id, path.endsWith('/') ? path : `${path}/`)) return;
      throw new BulkheadError('PRECONDITION_FAILED', 'There is no file any more');
    }
    if (!meetsIfMatch(ifMatch, `"${file.blob.sha1}"`)) throw new BulkheadError('PRECONDITION_FAILED', 'There is another file by now');
  };
}

/** For what has no ETag that could be held against the header. @throws HEADER_INVALID */
export function refuseIfMatch(ifMatch: string | undefined, of: string): void {
  if (ifMatch !== undefined) throw new BulkheadError('HEADER_INVALID', `If-Match is for a file that is deployed or deleted, not for ${of}`, { details: { header: 'If-Match' } });
}
