import type { StoredArtifact } from '../../metadata/artifacts.ts';
import { listRepositories, type StoredRepository } from '../../metadata/repositories.ts';
import type { SearchCondition } from '../../metadata/search/conditions.ts';
import { searchArtifacts } from '../../metadata/search/search.ts';
import { authorize, mayRead } from '../../security/authorize.ts';
import { cachedKey } from '../../security/permissions/access-model.ts';
import type { Principal } from '../../security/principal.ts';
import type { Content } from '../content.ts';
import { acceptsPath, withFormat } from '../repository.ts';
import { virtualOf } from '../virtual-settings.ts';

/** Results of one answer. */
export const mostResults = 1000;
/** Rows of which the readable ones are chosen. */
const mostLookedAt = 20_000;
export const searchTimeoutMs = 10_000;

export interface Found {
  readonly repository: StoredRepository;
  readonly artifact: StoredArtifact;
}

export interface SearchResult {
  readonly found: readonly Found[];
  /** there are more than one answer holds, or more than one search looks at */
  readonly truncated: boolean;
}

/**
 * Artifacts for which a condition holds and that the principal may read.
 * @param keys of the repositories to search; null: all. A virtual repository stands for its members
 * @throws SEARCH_TOO_BROAD
 */
export async function search(content: Content, principal: Principal, keys: readonly string[] | null, condition: SearchCondition): Promise<SearchResult> {
  const repositories = await searchedRepositories(content, principal, keys);
  const byId = new Map(repositories.map((repository) => [repository.id, repository]));
  const { artifacts, capped } = await searchArtifacts(content.session.db, condition, {
    repositoryIds: [...byId.keys()], limit: mostLookedAt, timeoutMs: searchTimeoutMs,
  });
  const found = artifacts.flatMap((artifact) => {
    const repository = byId.get(artifact.repositoryId);
    return repository !== undefined && isShown(principal, repository, artifact) ? [{ repository, artifact }] : [];
  });
  return { found: found.slice(0, mostResults), truncated: capped || found.length > mostResults };
}

/** Whether a result is there for the principal: rights and the patterns of its repository say so, as they do for a download. */
export function isShown(principal: Principal, repository: StoredRepository, { path, blob }: StoredArtifact): boolean {
  return mayRead(principal, repository.key, path) && (blob === null || acceptsPath(withFormat(repository), path));
}

/** Repositories with artifacts of their own that the principal may read something of. */
export async function searchedRepositories({ session }: Content, principal: Principal, keys: readonly string[] | null): Promise<StoredRepository[]> {
  authorize(principal, 'read', null, null);
  const all = await listRepositories(session.db);
  const wanted = keys === null ? null : new Set(keys.flatMap((key) => [key, ...membersOf(all, key, new Set())]));
  return all.filter((repository) => repository.rclass !== 'virtual' && (wanted?.has(repository.key) ?? true) && mayRead(principal, repository.key, null));
}

/** Keys of everything that a virtual repository draws from, and of the remote one whose cache the key names; none for any other one. */
export function membersOf(all: readonly StoredRepository[], key: string, seen: Set<string>): string[] {
  const repository = all.find((each) => each.key === key);
  if (repository === undefined) return all.flatMap((each) => (each.rclass === 'remote' && each.key === cachedKey(key) ? [each.key] : []));
  if (repository.rclass !== 'virtual' || seen.has(key)) return [];
  seen.add(key);
  return virtualOf(withFormat(repository)).repositories.flatMap((member) => [member, ...membersOf(all, member, seen)]);
}
