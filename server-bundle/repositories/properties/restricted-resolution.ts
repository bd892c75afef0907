import { BulkheadError } from '../../contract/index.ts';
import { propertiesWithBlob, type StoredProperties } from '../../metadata/properties.ts';
import type { Principal } from '../../security/principal.ts';
import { artifactNotFound, type Content } from '../content.ts';
import { resolve, type Resolved } from '../resolve.ts';
import { sidecarOf } from '../sidecar.ts';

/** What a request demands of an artifact's properties. */
export interface Restriction {
  readonly properties: StoredProperties;
  /** names without which an artifact does not match */
  readonly mandatory: ReadonlySet<string>;
}

/**
 * Artifactory's rule: an artifact that has the property must have it with each value that is asked for; one that has not matches unless the
 * property is mandatory.
 */
export function matches({ properties, mandatory }: Restriction, present: StoredProperties): boolean {
  return [...properties].every(([name, values]) => {
    const has = present.get(name);
    return has === undefined ? !mandatory.has(name) : values.every((value) => has.includes(value));
  });
}

/** `resolve` for a request with matrix parameters. @throws ARTIFACT_NOT_FOUND when the properties do not match */
export async function resolveRestricted(content: Content, principal: Principal, repositoryKey: string, path: string, restriction: Restriction): Promise<Resolved> {
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const found = await resolve(content, principal, repositoryKey, path);
    const judged = restriction.properties.size === 0 ? 'matches' : await judge(content, found, path, restriction);
    if (judged === 'matches') return found;
    if (judged === 'differs') throw artifactNotFound(repositoryKey, path);
  }
  throw new BulkheadError('OVERLOADED', 'The artifact changes too often to look at its properties');
}

/** `moved`: the properties are those of other content than was resolved. Folders and computed documents have none to restrict by. */
async function judge({ session: { db } }: Content, found: Resolved, path: string, restriction: Restriction): Promise<'matches' | 'differs' | 'moved'> {
  if (found.kind === 'nothing') return 'matches';
  const target = found.kind === 'file' ? found.file.path : sidecarOf(path)?.target;
  if (target === undefined) return 'matches';
  const present = await propertiesWithBlob(db, found.repository.id, target);
  if (present === undefined) return found.kind === 'file' ? 'moved' : 'matches';
  if (found.kind === 'file' && present.blobId !== found.file.blob.id) return 'moved';
  return matches(restriction, present.properties) ? 'matches' : 'differs';
}
