import { latestFiles } from '../metadata/folders.ts';
import { authorize, readableItems } from '../security/authorize.ts';
import type { Principal } from '../security/principal.ts';
import { artifactNotFound, type Content } from './content.ts';
import { readRepository } from './repository.ts';

/** Files among which one that may be read is looked for. */
const lookedAt = 1000;

/** `GET /api/storage/{repo}/{path}?lastModified`: the file at or below a path that was modified last. @throws ARTIFACT_NOT_FOUND */
export async function lastModified(content: Content, principal: Principal, repositoryKey: string, path: string): Promise<{ uri: string; lastModified: string }> {
  authorize(principal, 'read', repositoryKey, path);
  const { session, addresses } = content;
  const repository = await readRepository(session.coherence.read, repositoryKey);
  const own = path === '' || path.endsWith('/') ? [] : await latestFiles(session.db, repository.id, path, 1);
  const folder = path === '' || path.endsWith('/') ? path : `${path}/`;
  const files = own.length > 0 ? own : await latestFiles(session.db, repository.id, folder, lookedAt);
  const [latest] = readableItems(principal, repositoryKey, files, (file) => file.path);
  if (latest === undefined) throw artifactNotFound(repositoryKey, path);
  return { uri: addresses.storage(repositoryKey, latest.path), lastModified: latest.modifiedAt.toISOString() };
}
