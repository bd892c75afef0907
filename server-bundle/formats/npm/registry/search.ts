import { isBulkheadError } from '../../../contract/index.ts';
import { countPackages, searchPackages, type PackageSearch } from '../../../metadata/npm-search.ts';
import type { Content } from '../../../repositories/content.ts';
import { documentOf } from '../../../repositories/resolve.ts';
import { isUpstreamFailure } from '../../../repositories/upstream/failures.ts';
import type { Principal } from '../../../security/principal.ts';
import { isObject, wordsOf, type JsonObject } from '../manifest.ts';
import { packumentPath } from '../paths.ts';
import { askUpstream, behind } from './ask-upstream.ts';
import { npmRepository } from './npm-repository.ts';

export interface SearchQuery {
  readonly text: string;
  readonly size: number;
  readonly from: number;
}

export interface SearchResult {
  readonly objects: readonly unknown[];
  readonly total: number;
}

/**
 * Packages by words of name, keywords, description and author: first those that are here, then, as if they followed, what upstreams find.
 * What somebody may not read is left out of the results (and still counted in the total).
 * @throws UPSTREAM_FAILED only when there is nothing but that upstream
 */
export async function search(content: Content, principal: Principal, repositoryKey: string, query: SearchQuery): Promise<SearchResult> {
  const repository = await npmRepository(content, repositoryKey);
  const { locals, remotes } = await behind(content, principal, repository);
  const wanted: PackageSearch = { repositoryIds: locals.map(({ id }) => id), ...criteriaOf(query.text) };
  const { db } = content.session;
  let total = locals.length === 0 ? 0 : await countPackages(db, wanted);
  const names = query.from >= total ? [] : await searchPackages(db, wanted, { offset: query.from, limit: query.size });
  const objects: unknown[] = (await Promise.all(names.map((name) => describe(content, principal, repositoryKey, name)))).filter((object) => object !== undefined);
  let taken = names.length;
  for (const remote of remotes) {
    const page = new URLSearchParams({ text: query.text, size: String(Math.max(1, query.size - taken)), from: String(Math.max(0, query.from - total)) });
    try {
      const answer = await askUpstream(content, remote, `-/v1/search?${page.toString()}`);
      const found = isObject(answer) && Array.isArray(answer['objects']) ? answer['objects'] as unknown[] : [];
      const more = found.slice(0, query.size - taken);
      objects.push(...more);
      taken += more.length;
      total += isObject(answer) && typeof answer['total'] === 'number' ? answer['total'] : found.length;
    } catch (error) {
      if (repository.rclass === 'remote' || !(isUpstreamFailure(error) || isBulkheadError(error, 'ARTIFACT_NOT_FOUND'))) throw error;
      content.log.warn({ err: error, repository: remote.key }, 'an upstream was left out of a search');
    }
  }
  return { objects, total };
}

/** npm's qualifiers: `scope:acme`, `keywords:a,b`, `author:x`; what does not narrow (`boost-exact:`, `not:`, `is:`) is left out. */
function criteriaOf(text: string): { readonly words: string[]; readonly scope: string } {
  const words: string[] = [];
  let scope = '';
  for (const term of text.slice(0, 512).split(/\s+/)) {
    const [, qualifier = '', value = ''] = /^([a-z-]+):(.*)$/.exec(term) ?? [];
    if (qualifier === 'scope') scope = `@${value.replace(/^@/, '')}/`;
    else if (qualifier === 'keywords' || qualifier === 'author' || qualifier === 'maintainer') words.push(...wordsOf(value));
    else if (qualifier === '') words.push(...wordsOf(term));
  }
  return { words: [...new Set(words)].slice(0, 32), scope };
}

async function describe(content: Content, principal: Principal, repositoryKey: string, name: string): Promise<JsonObject | undefined> {
  try {
    const found = await documentOf(content, principal, repositoryKey, packumentPath(name, 'full'));
    return found === undefined ? undefined : searchObject(JSON.parse(found.content.bytes.toString('utf8')) as JsonObject);
  } catch (error) {
    if (isBulkheadError(error, 'FORBIDDEN') || isBulkheadError(error, 'AUTHENTICATION_REQUIRED')) return undefined;
    throw error;
  }
}

function searchObject(packument: JsonObject): JsonObject {
  const name = String(packument['name']);
  const tags = isObject(packument['dist-tags']) ? packument['dist-tags'] : {};
  const version = String(tags['latest']);
  const versions = isObject(packument['versions']) ? packument['versions'] : {};
  const manifest = isObject(versions[version]) ? versions[version] : {};
  const time = isObject(packument['time']) ? packument['time'] : {};
  const { description, keywords, author, homepage, repository, bugs, _npmUser: publisher } = manifest;
  const links = { homepage: linkOf(homepage), repository: linkOf(repository), bugs: linkOf(bugs) };
  return {
    package: {
      name, scope: name.startsWith('@') ? name.slice(1, name.indexOf('/')) : 'unscoped', version, description: typeof description === 'string' ? description : '',
      keywords: Array.isArray(keywords) ? keywords as unknown[] : [], date: time[version], links: Object.fromEntries(Object.entries(links).filter(([, link]) => link !== undefined)),
      ...(author === undefined ? {} : { author: typeof author === 'string' ? { name: author } : author }),
      publisher: isObject(publisher) ? { username: publisher['name'] } : undefined,
      maintainers: Array.isArray(packument['maintainers']) ? (packument['maintainers'] as JsonObject[]).map((maintainer) => ({ username: maintainer['name'] })) : [],
    },
    score: { final: 1, detail: { quality: 1, popularity: 1, maintenance: 1 } },
    searchScore: 1,
  };
}

function linkOf(value: unknown): unknown {
  return isObject(value) ? value['url'] : value;
}
