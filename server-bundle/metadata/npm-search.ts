import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';

export interface PackageSearch {
  readonly repositoryIds: readonly number[];
  /** in lower case, letters and digits; a package has to have a word that begins with each */
  readonly words: readonly string[];
  /** `@acme/`: packages of this scope only; empty: all */
  readonly scope: string;
}

const matching = ({ repositoryIds, words, scope }: PackageSearch): ReturnType<typeof sql<boolean>> => {
  const query = words.map((word) => `${word}:*`).join(' & ');
  const byWords = query === '' ? sql`true` : sql`to_tsvector('simple', facts->>'npmWords') @@ to_tsquery('simple', ${query})`;
  const byScope = scope === '' ? sql`true` : sql`starts_with(facts->>'name', ${scope})`;
  return sql<boolean>`repository_id = any(${[...repositoryIds]}::bigint[]) and facts ? 'npmWords' and ${byWords} and ${byScope}`;
};

/** Names of packages that match, the best first: the one of this name, then those whose name begins so, then by how well their words fit. */
export async function searchPackages(db: Reader, search: PackageSearch, page: { readonly offset: number; readonly limit: number }): Promise<string[]> {
  const text = search.words.join('-');
  // a bare number would be the number of a column
  const rank = search.words.length === 0
    ? sql`0::float4`
    : sql`max(ts_rank(to_tsvector('simple', facts->>'npmWords'), to_tsquery('simple', ${search.words.map((word) => `${word}:*`).join(' & ')})))`;
  const { rows } = await sql<{ name: string }>`
    select facts->>'name' as name from artifact where ${matching(search)} group by facts->>'name'
    order by facts->>'name' = ${text} desc, starts_with(facts->>'name', ${text}) desc, ${rank} desc, facts->>'name'
    limit ${page.limit} offset ${page.offset}`.execute(db);
  return rows.map((row) => row.name);
}

/** How many packages match. */
export async function countPackages(db: Reader, search: PackageSearch): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(distinct facts->>'name')::int as count from artifact where ${matching(search)}`.execute(db);
  return rows[0]?.count ?? 0;
}

/** Those of the names that some version of which is in one of the repositories. */
export async function packagesAmong(db: Reader, repositoryIds: readonly number[], names: readonly string[]): Promise<Set<string>> {
  if (repositoryIds.length === 0 || names.length === 0) return new Set();
  const { rows } = await sql<{ name: string }>`
    select name from unnest(${[...names]}::text[]) as wanted(name)
    where exists (select from artifact where repository_id = any(${[...repositoryIds]}::bigint[]) and path > wanted.name || '/-/' and path < wanted.name || '/-0')`.execute(db);
  return new Set(rows.map((row) => row.name));
}
