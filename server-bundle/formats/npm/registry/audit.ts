import { BulkheadError } from '../../../contract/index.ts';
import { packagesAmong } from '../../../metadata/npm-search.ts';
import type { Content } from '../../../repositories/content.ts';
import { authorize } from '../../../security/authorize.ts';
import type { Principal } from '../../../security/principal.ts';
import { isObject, type JsonObject } from '../manifest.ts';
import { invalid } from '../publication.ts';
import { askUpstream, behind } from './ask-upstream.ts';
import { npmRepository } from './npm-repository.ts';

/**
 * Known vulnerabilities of versions, by package: what upstreams know. Upstreams are not told the names of packages that are published here.
 * @param wanted package → versions
 * @throws UPSTREAM_FAILED: an audit that leaves something out would be taken for a good one
 */
export async function bulkAdvisories(content: Content, principal: Principal, repositoryKey: string, wanted: unknown): Promise<JsonObject> {
  authorize(principal, 'read', repositoryKey, null);
  if (!isObject(wanted)) throw invalid('', 'an object of packages and their versions is needed');
  const repository = await npmRepository(content, repositoryKey);
  const { locals, remotes } = await behind(content, principal, repository);
  const own = await packagesAmong(content.session.db, locals.map(({ id }) => id), Object.keys(wanted));
  const others = Object.fromEntries(Object.entries(wanted).filter(([name]) => !own.has(name)));
  if (Object.keys(others).length === 0) return {};
  const found = new Map<string, unknown[]>();
  for (const remote of remotes) {
    const answer = await askUpstream(content, remote, '-/npm/v1/security/advisories/bulk', others);
    for (const [name, advisories] of isObject(answer) ? Object.entries(answer) : []) {
      if (Array.isArray(advisories)) found.set(name, [...found.get(name) ?? [], ...advisories as unknown[]]);
    }
  }
  return Object.fromEntries(found);
}

/** The older calls, with the whole tree in one: npm 6 asks `audits/quick`, Yarn 1 `audits`. A local repository knows of no vulnerabilities; a virtual one would tell upstream its own packages. */
export async function treeAudit(content: Content, principal: Principal, repositoryKey: string, call: 'audits' | 'audits/quick', tree: unknown): Promise<unknown> {
  authorize(principal, 'read', repositoryKey, null);
  const repository = await npmRepository(content, repositoryKey);
  if (repository.rclass === 'remote') return askUpstream(content, repository, `-/npm/v1/security/${call}`, tree);
  const { remotes } = await behind(content, principal, repository);
  if (remotes.length > 0) throw new BulkheadError('ROUTE_NOT_FOUND', 'A virtual repository is audited by bulk advisories only', { hint: 'Use npm 7 or newer, or pnpm; or audit against the remote repository.' });
  const none = { info: 0, low: 0, moderate: 0, high: 0, critical: 0 };
  return { actions: [], advisories: {}, muted: [], metadata: { vulnerabilities: none, dependencies: 0, devDependencies: 0, optionalDependencies: 0, totalDependencies: 0 } };
}

/** Keys that upstream signs versions with; of a remote repository only. @throws ARTIFACT_NOT_FOUND: what is published here is not signed */
export async function signingKeys(content: Content, principal: Principal, repositoryKey: string): Promise<unknown> {
  authorize(principal, 'read', repositoryKey, null);
  const repository = await npmRepository(content, repositoryKey);
  if (repository.rclass !== 'remote') throw new BulkheadError('ARTIFACT_NOT_FOUND', 'This registry signs no packages');
  return askUpstream(content, repository, '-/npm/v1/keys');
}
