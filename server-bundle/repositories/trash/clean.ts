import type { Session } from '../../cluster/ports.ts';
import { committed } from '../../metadata/committed.ts';
import { findFile } from '../../metadata/artifacts.ts';
import { folderExists } from '../../metadata/folders.ts';
import { deleteTrashed } from '../../metadata/trash-can.ts';
import { requireAdmin } from '../../security/authorize.ts';
import type { Principal } from '../../security/principal.ts';
import { trashRepositoryKey } from '../../security/trash-access.ts';
import { artifactNotFound } from '../content.ts';
import { touchedInTrash, trashCan } from './trash-can.ts';

/** Artifacts deleted in one transaction. */
const atOnce = 500;

/** Deletes for good all that is in the trash can. @returns how many artifacts and folders */
export async function emptyTrash(session: Session, principal: Principal): Promise<number> {
  requireAdmin(principal);
  const trash = await trashCan(session);
  return deleteAll(session, trash.id, '');
}

/** Deletes for good one file or folder of the trash can. @param path with the key of its repository. @throws ARTIFACT_NOT_FOUND */
export async function cleanTrash(session: Session, principal: Principal, path: string): Promise<number> {
  requireAdmin(principal);
  const trash = await trashCan(session);
  const folder = path.endsWith('/') ? path : `${path}/`;
  if (!path.endsWith('/') && await findFile(session.db, trash.id, path) !== undefined) return deleteAll(session, trash.id, path);
  if (!await folderExists(session.db, trash.id, folder)) throw artifactNotFound(trashRepositoryKey, path);
  return deleteAll(session, trash.id, folder);
}

async function deleteAll(session: Session, trashId: number, path: string): Promise<number> {
  return session.coherence.change(touchedInTrash({ id: trashId }, path), async () => {
    for (let deleted = 0; ;) {
      const batch = await committed(session, (trx) => deleteTrashed(trx, { repositoryId: trashId, path }, atOnce));
      deleted += batch;
      if (batch < atOnce) return deleted;
    }
  });
}
