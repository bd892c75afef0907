import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';

/** A distribution of a Python project, as an index lists it. */
export interface DistributionRow {
  /** `project/version/file` */
  readonly path: string;
  /** bytes */
  readonly size: number;
  readonly sha256: string;
  readonly md5: string;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
  /** without the text of its metadata, which is long */
  readonly facts: unknown;
}

const distributionPath = '^[a-z0-9][a-z0-9-]*/[^/]+/[^/]+\\.(whl|tar\\.gz|tgz|tar\\.bz2|tar\\.xz|tar\\.Z|zip)$';

/** Distributions of one project (its normalized name), by path. */
export async function projectDistributions(db: Reader, repositoryId: number, project: string): Promise<DistributionRow[]> {
  const rows = await db.selectFrom('artifact').innerJoin('blob', 'blob.id', 'artifact.blob_id')
    .select(['path', 'size', 'sha256', 'md5', 'artifact.created_at', 'modified_at'])
    .select(sql<unknown>`facts #- '{metadata,gzip}'`.as('facts'))
    .where('repository_id', '=', repositoryId).where('path', '>', `${project}/`).where('path', '<', `${project}0`)
    .where(sql<boolean>`path ~ ${distributionPath}`)
    .orderBy('path').execute();
  return rows.map(({ path, size, sha256, md5, created_at, modified_at, facts }) => ({
    path, size, sha256, md5, createdAt: created_at, modifiedAt: modified_at, facts,
  }));
}

/** Names of the projects that have a distribution, in order. Goes from one name to the next by the index, however many files each has. */
export async function projectNames(db: Reader, repositoryId: number): Promise<string[]> {
  const next = (after: ReturnType<typeof sql>): ReturnType<typeof sql> => sql`(
    select split_part(path, '/', 1) collate "C" as name from artifact
    where repository_id = ${repositoryId} and path > ${after} and blob_id is not null and path ~ ${distributionPath}
    order by path limit 1)`;
  const { rows } = await sql<{ name: string }>`
    with recursive project (name) as (
      ${next(sql`''`)}
      union all
      select following.name from project, lateral ${next(sql`project.name || '0'`)} following
    )
    select name from project`.execute(db);
  return rows.map((row) => row.name);
}
