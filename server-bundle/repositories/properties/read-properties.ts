import { BulkheadError } from '../../contract/index.ts';
import { findArtifact } from '../../metadata/artifacts.ts';
import { folderExists } from '../../metadata/folders.ts';
import { findProperties, type StoredProperties } from '../../metadata/properties.ts';
import { authorize } from '../../security/authorize.ts';
import type { Principal } from '../../security/principal.ts';
import { artifactNotFound, type Content } from '../content.ts';
import { readRepository } from '../repository.ts';

/** `GET /api/storage/{repo}/{path}?properties` in Artifactory's form. */
export interface PropertiesJson {
  properties: Record<string, readonly string[]>;
  uri: string;
}

/**
 * Properties of a file or folder, from the database.
 * @param names empty: all
 * @throws ARTIFACT_NOT_FOUND; PROPERTIES_NOT_FOUND when the item has none (of these), as Artifactory answers
 */
export async function readProperties(
  content: Content, principal: Principal, repositoryKey: string, path: string, names: readonly string[],
): Promise<PropertiesJson> {
  authorize(principal, 'read', repositoryKey, path);
  const { session, addresses } = content;
  const repository = await readRepository(session.coherence.read, repositoryKey);
  const item = await itemPath(content, repository.id, path);
  if (item === undefined) throw artifactNotFound(repositoryKey, path);
  const properties = selected(await findProperties(session.db, repository.id, item), names);
  if (properties.length === 0) throw new BulkheadError('PROPERTIES_NOT_FOUND');
  return { properties: Object.fromEntries(properties), uri: addresses.storage(repositoryKey, path.replace(/\/$/, '')) };
}

function selected(properties: StoredProperties, names: readonly string[]): (readonly [string, readonly string[]])[] {
  return [...properties].filter(([name]) => names.length === 0 || names.includes(name));
}

/** The row that holds an item's properties. */
async function itemPath({ session: { db } }: Content, repositoryId: number, path: string): Promise<string | undefined> {
  if (path !== '' && !path.endsWith('/') && await findArtifact(db, repositoryId, path) !== undefined) return path;
  const folder = path === '' || path.endsWith('/') ? path : `${path}/`;
  return folder === '' || await folderExists(db, repositoryId, folder) ? folder : undefined;
}
