import { BulkheadError } from '../../../contract/index.ts';
import { searchArtifacts } from '../../../metadata/search/search.ts';
import { listRepositories } from '../../../metadata/repositories.ts';
import type { Principal } from '../../../security/principal.ts';
import type { Content } from '../../content.ts';
import { downloadsOf, propertiesOf } from '../result-json.ts';
import { isShown, membersOf, searchedRepositories, searchTimeoutMs, type Found } from '../search.ts';
import type { DownloadStats } from '../../../metadata/downloads.ts';
import { conditionOf } from './criteria.ts';
import { itemFields, itemJson, shownFields } from './item-fields.ts';
import { notUnderstood, parseQuery, type ItemQuery } from './parse-query.ts';
import { statFields } from './stat-criteria.ts';

/** Items that one query may find. Whoever asks takes the answer for the whole: what is more is an error, never cut off. */
const mostItems = 50_000;

/** Answers `items.find(…)` with what the principal may read. @throws PARAMETER_INVALID, SEARCH_TOO_BROAD */
export async function findItems(content: Content, principal: Principal, text: string): Promise<Record<string, unknown>> {
  const query = parseQuery(text);
  const shown = shownFields(query.include);
  requireSortable(query, [...shown.fields, ...shown.stats]);
  const all = await listRepositories(content.session.db);
  const repositories = await searchedRepositories(content, principal, null);
  const byId = new Map(repositories.map((repository) => [repository.id, repository]));
  const condition = conditionOf(query.criteria, {
    idsOf: (takes) => {
      // what a remote repository keeps is called `X-cache` in Artifactory
      const named = all.filter(({ key, rclass }) => takes(rclass === 'remote' ? [key, `${key}-cache`] : [key]));
      const meant = new Set(named.flatMap(({ key }) => [key, ...membersOf(all, key, new Set())]));
      return repositories.filter(({ key }) => meant.has(key)).map(({ id }) => id);
    },
  });
  // what this node has counted and not written yet
  if (text.includes('stat')) await content.downloads.flush();
  const { artifacts, capped } = await searchArtifacts(content.session.db, condition, { repositoryIds: [...byId.keys()], limit: mostItems, timeoutMs: searchTimeoutMs });
  if (capped) {
    throw new BulkheadError('SEARCH_TOO_BROAD', `The query finds more than ${String(mostItems)} items`, { hint: 'Name a repository and a path: "limit" picks out of what is found.' });
  }
  const found = artifacts.flatMap((artifact) => {
    const repository = byId.get(artifact.repositoryId);
    return repository !== undefined && isShown(principal, repository, artifact) ? [{ repository, artifact }] : [];
  });
  const byDownloads = query.sort?.fields.some((name) => Object.hasOwn(statFields, name)) === true;
  const early = byDownloads ? await downloadsOf(content, found) : undefined;
  const page = sorted(found, query, early).slice(query.offset, query.limit === null ? undefined : query.offset + query.limit);
  const downloads = early ?? (shown.stats.length > 0 ? await downloadsOf(content, page) : undefined);
  const properties = shown.properties ? await propertiesOf(content, page) : undefined;
  const results = page.map((each) => itemJson(each, shown, downloads?.get(each), properties?.get(each)));
  return {
    results,
    range: { start_pos: query.offset, end_pos: query.offset + results.length, total: results.length, ...(query.limit === null ? {} : { limit: query.limit }) },
  };
}

/** As in Artifactory, results are put in order by what they show. */
function requireSortable({ sort }: ItemQuery, fields: readonly string[]): void {
  const unknown = sort?.fields.find((name) => !fields.includes(name));
  if (unknown !== undefined) throw notUnderstood(`results are sorted by ${unknown.slice(0, 100)}, which they do not show`);
}

function sorted(found: Found[], { sort }: ItemQuery, downloads: ReadonlyMap<Found, DownloadStats> | undefined): Found[] {
  if (sort === null) return found;
  const direction = sort.descending ? -1 : 1;
  const keys = new Map(found.map((each) => [each, sort.fields.map((name) => (Object.hasOwn(statFields, name) ? statFields[name]?.(downloads?.get(each)) : itemFields[name]?.(each)) ?? '')]));
  return found.sort((a, b) => {
    for (const [index, left] of (keys.get(a) ?? []).entries()) {
      const right = keys.get(b)?.[index] ?? '';
      if (left !== right) return (left < right ? -1 : 1) * direction;
    }
    return 0;
  });
}
