import { latestFiles } from '../metadata/folders.ts';
import { authorizeOneOf, readableItems } from '../security/authorize.ts';
import type { Principal } from '../security/principal.ts';
import { artifactNotFound, type Content } from './content.ts';
import { shownMembers } from './members.ts';
import { readRepository } from './repository.ts';

/** Files among which one that may be read is looked for. */
const lookedAt = 1000;

type Latest = Awaited<ReturnType<typeof latestFiles>>[number];

/** `GET /api/storage/{repo}/{path}?lastModified`: the file at or below a path that was modified last; of a virtual repository, in its members. @throws ARTIFACT_NOT_FOUND */
export async function lastModified(content: Content, principal: Principal, repositoryKey: string, path: string): Promise<{ uri: string; lastModified: string }> {
  const folder = path === '' || path.endsWith('/') ? path : `${path}/`;
  authorizeOneOf(principal, 'read', repositoryKey, path, [path, folder]);
  const { session: { db, coherence }, addresses } = content;
  const members = await shownMembers(coherence.read, await readRepository(coherence.read, repositoryKey));
  const found = async (at: string, limit: number): Promise<Latest | undefined> => {
    const files = await Promise.all(members.map(async ({ member, shows }) => {
      const shown = (await latestFiles(db, member.id, at, limit)).filter((file) => shows(file.path));
      return readableItems(principal, member.key, shown, (file) => file.path).slice(0, 1);
    }));
    return files.flat().reduce<Latest | undefined>((one, other) => (one === undefined || other.modifiedAt > one.modifiedAt ? other : one), undefined);
  };
  const latest = (folder === path ? undefined : await found(path, 1)) ?? await found(folder, lookedAt);
  if (latest === undefined) throw artifactNotFound(repositoryKey, path);
  return { uri: addresses.storage(repositoryKey, latest.path), lastModified: latest.modifiedAt.toISOString() };
}
