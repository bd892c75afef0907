import { BulkheadError } from '../../contract/index.ts';
import { findArtifact } from '../../metadata/artifacts.ts';
import { folderExists } from '../../metadata/folders.ts';
import { findProperties, type StoredProperties } from '../../metadata/properties.ts';
import { authorize } from '../../security/authorize.ts';
import type { Principal } from '../../security/principal.ts';
import { artifactNotFound, type Content } from '../content.ts';
import { membersFor } from '../members.ts';
import { readRepository, type Repository } from '../repository.ts';

/** `GET /api/storage/{repo}/{path}?properties` in Artifactory's form. */
export interface PropertiesJson {
  properties: Record<string, readonly string[]>;
  uri: string;
}

/**
 * Properties of a file or folder, from the database; through a virtual repository those of the first member that has it.
 * @param names empty: all
 * @throws ARTIFACT_NOT_FOUND; PROPERTIES_NOT_FOUND when the item has none (of these), as Artifactory answers
 */
export async function readProperties(
  content: Content, principal: Principal, repositoryKey: string, path: string, names: readonly string[],
): Promise<PropertiesJson> {
  authorize(principal, 'read', repositoryKey, path);
  const { session, addresses } = content;
  const repository = await readRepository(session.coherence.read, repositoryKey);
  const holder = await holderOf(content, await membersFor(session.coherence.read, principal, repository, path), path);
  if (holder === undefined) throw artifactNotFound(repositoryKey, path);
  const properties = selected(await findProperties(session.db, holder.id, holder.path), names);
  if (properties.length === 0) throw new BulkheadError('PROPERTIES_NOT_FOUND');
  return { properties: Object.fromEntries(properties), uri: addresses.storage(repositoryKey, path.replace(/\/$/, '')) };
}

function selected(properties: StoredProperties, names: readonly string[]): (readonly [string, readonly string[]])[] {
  return [...properties].filter(([name]) => names.length === 0 || names.includes(name));
}

/** The first member that has the item, and the row that holds its properties there. */
async function holderOf(content: Content, members: readonly Repository[], path: string): Promise<{ readonly id: number; readonly path: string } | undefined> {
  for (const { id } of members) {
    const item = await itemPath(content, id, path);
    if (item !== undefined) return { id, path: item };
  }
  return undefined;
}

/** The row that holds an item's properties. */
async function itemPath({ session: { db } }: Content, repositoryId: number, path: string): Promise<string | undefined> {
  if (path !== '' && !path.endsWith('/') && await findArtifact(db, repositoryId, path) !== undefined) return path;
  const folder = path === '' || path.endsWith('/') ? path : `${path}/`;
  return folder === '' || await folderExists(db, repositoryId, folder) ? folder : undefined;
}
