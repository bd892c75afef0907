import { sql, type Kysely } from 'kysely';
import { BulkheadError } from '../../contract/index.ts';
import { artifactColumns, storedArtifact, type StoredArtifact } from '../artifacts.ts';
import { blobColumns } from '../blobs.ts';
import type { Database } from '../schema.ts';
import type { SearchCondition } from './conditions.ts';

export interface SearchScope {
  readonly repositoryIds: readonly number[];
  /** rows that are looked at; more are not searched for */
  readonly limit: number;
  /** the server ends the search after this many milliseconds */
  readonly timeoutMs: number;
}

export interface Hits {
  readonly artifacts: readonly StoredArtifact[];
  /** there may be more than the limit let through */
  readonly capped: boolean;
}

/**
 * Artifacts for which a condition holds, by repository and path. The rows are found first, by the index that suits the condition, and put in order
 * afterwards: an order in the same query would tempt the planner to walk the whole table in that order.
 * @throws SEARCH_TOO_BROAD, PARAMETER_INVALID for a pattern with more wildcards than the database follows
 */
export async function searchArtifacts(db: Kysely<Database>, condition: SearchCondition, { repositoryIds, limit, timeoutMs }: SearchScope): Promise<Hits> {
  if (repositoryIds.length === 0) return { artifacts: [], capped: false };
  return limited(db, timeoutMs, async (trx) => {
    const rows = await trx
      .with((cte) => cte('hit').materialized(), (query) => query.selectFrom('artifact').select(['artifact.repository_id as hit_repository', 'artifact.path as hit_path'])
        .where(sql<boolean>`artifact.repository_id = any(${[...repositoryIds]}::bigint[])`).where(sql<boolean>`${condition}`).limit(limit + 1))
      .selectFrom('hit')
      .innerJoin('artifact', (join) => join.onRef('artifact.repository_id', '=', 'hit.hit_repository').onRef('artifact.path', '=', 'hit.hit_path'))
      .leftJoin('blob', 'blob.id', 'artifact.blob_id')
      .select(artifactColumns).select(blobColumns).orderBy('repository_id').orderBy('path').execute();
    return { artifacts: rows.slice(0, limit).map(storedArtifact), capped: rows.length > limit };
  });
}

/** One path of each version that a Maven repository has of an artifact. @param folder of the artifact, ends in "/" */
export async function versionFolders(
  db: Kysely<Database>, folder: string, { repositoryIds, limit, timeoutMs }: SearchScope,
): Promise<{ readonly repositoryId: number; readonly version: string; readonly path: string }[]> {
  if (repositoryIds.length === 0) return [];
  return limited(db, timeoutMs, async (trx) => {
    const version = sql`split_part(substr(path, length(${folder}::text) + 1), '/', 1)`;
    const { rows } = await sql<{ repositoryId: number; version: string; path: string }>`
      select repository_id as "repositoryId", ${version} as version, min(path) as path from artifact
      where repository_id = any(${[...repositoryIds]}::bigint[]) and blob_id is not null and path > ${folder} and path < ${`${folder.slice(0, -1)}0`}
        and position('/' in substr(path, length(${folder}::text) + 1)) > 0
      group by repository_id, 2 limit ${limit}`.execute(trx);
    return rows;
  });
}

/** statement_timeout ended it */
const cancelled = '57014';
/** invalid_regular_expression: each of ours is well-formed, so it holds more wildcards than PostgreSQL follows */
const tooComplex = '2201B';

async function limited<T>(db: Kysely<Database>, timeoutMs: number, search: (trx: Kysely<Database>) => Promise<T>): Promise<T> {
  try {
    return await db.transaction().setAccessMode('read only').execute(async (trx) => {
      await sql`select set_config('statement_timeout', ${String(timeoutMs)}, true)`.execute(trx);
      return search(trx);
    });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === cancelled) throw new BulkheadError('SEARCH_TOO_BROAD', undefined, { cause: error });
    if (code === tooComplex) throw new BulkheadError('PARAMETER_INVALID', 'The pattern holds too many wildcards', { cause: error });
    throw error;
  }
}
