import type { Transaction } from 'kysely';
import type { Touched } from '../../../cluster/ports.ts';
import { deleteArtifact } from '../../../metadata/artifacts.ts';
import { addCollectionCandidates } from '../../../metadata/blobs.ts';
import { artifactsBelow, deleteBelow } from '../../../metadata/folders.ts';
import type { ClaimedPath } from '../../../metadata/path-locks.ts';
import type { Database } from '../../../metadata/schema.ts';
import { moveToTrash } from '../../../metadata/trash-can.ts';
import type { Content } from '../../../repositories/content.ts';
import type { Repository } from '../../../repositories/repository.ts';
import { together, touchedByFile, touchedByFolder } from '../../../repositories/touched.ts';
import { touchedInTrash, trashFor } from '../../../repositories/trash/trash-can.ts';
import { authorizeEach } from '../../../security/authorize.ts';
import type { Principal } from '../../../security/principal.ts';

/** Files and folders that go with a change of a package. */
export interface Removal {
  readonly touched: Touched;
  readonly claimed: readonly ClaimedPath[];
  /** inside the transaction that holds what is claimed @throws FORBIDDEN */
  readonly carryOut: (trx: Transaction<Database>) => Promise<void>;
}

/** @param paths files, and folders that end in "/" */
export async function removalOf({ session }: Content, repository: Repository, principal: Principal, paths: readonly string[]): Promise<Removal> {
  const trash = paths.length === 0 ? null : await trashFor(session, repository);
  const inTrash = (path: string): string => `${repository.key}/${path}`;
  return {
    touched: together(paths.flatMap((path) => [
      path.endsWith('/') ? touchedByFolder(repository, path) : touchedByFile(repository, path),
      ...(trash === null ? [] : [touchedInTrash(trash, inTrash(path))]),
    ])),
    claimed: trash === null ? [] : paths.map((path) => ({ repositoryId: trash.id, path: inTrash(path) })),
    carryOut: async (trx) => {
      for (const path of paths) {
        const met = path.endsWith('/') ? (await artifactsBelow(trx, repository.id, path)).map((artifact) => artifact.path) : [path];
        authorizeEach(principal, 'delete', repository.key, met);
        if (trash !== null) await moveToTrash(trx, { repositoryId: repository.id, path, repositoryKey: repository.key }, trash.id, principal.name);
        else if (path.endsWith('/')) await deleteBelow(trx, repository.id, path);
        else await dropFile(trx, repository.id, path);
      }
    },
  };
}

async function dropFile(trx: Transaction<Database>, repositoryId: number, path: string): Promise<void> {
  const blobId = await deleteArtifact(trx, repositoryId, path);
  if (typeof blobId === 'number') await addCollectionCandidates(trx, [blobId]);
}
