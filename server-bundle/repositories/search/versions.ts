import { compareVersions } from '../../formats/maven/version-order.ts';
import { versionFolders } from '../../metadata/search/search.ts';
import { mayRead } from '../../security/authorize.ts';
import type { Principal } from '../../security/principal.ts';
import type { Content } from '../content.ts';
import { matchesAnt } from '../path-patterns.ts';
import { searchedRepositories, searchTimeoutMs } from './search.ts';

const mostVersions = 20_000;

export interface WantedVersions {
  /** with dots */
  readonly group: string;
  readonly artifact: string;
  /** one segment, with `*` and `?`; undefined: any */
  readonly version?: string | undefined;
  readonly keys: readonly string[] | null;
}

/** Versions of a Maven artifact that the principal may read, the newest first. */
export async function artifactVersions(content: Content, principal: Principal, { group, artifact, version, keys }: WantedVersions): Promise<string[]> {
  if (version?.includes('/') === true) return [];
  const repositories = await searchedRepositories(content, principal, keys);
  const byId = new Map(repositories.filter(({ packageType }) => packageType === 'maven').map((repository) => [repository.id, repository]));
  const folders = await versionFolders(content.session.db, `${group.replaceAll('.', '/')}/${artifact}/`, {
    repositoryIds: [...byId.keys()], limit: mostVersions, timeoutMs: searchTimeoutMs,
  });
  const readable = folders.filter(({ repositoryId, path }) => mayRead(principal, byId.get(repositoryId)?.key ?? '', path));
  return [...new Set(readable.map((folder) => folder.version))].filter((found) => matchesAnt(version ?? '*', found)).sort(compareVersions).reverse();
}
