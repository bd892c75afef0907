import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';

/** What one repository holds. Content that several paths share counts for each of them. */
export interface RepositoryUsage {
  readonly files: number;
  readonly folders: number;
  /** bytes */
  readonly bytes: number;
}

/** Reads all artifacts of a repository once, and each distinct folder once. */
export async function repositoryUsage(db: Reader, repositoryId: number): Promise<RepositoryUsage> {
  const { rows } = await sql<RepositoryUsage>`
    with parent as (
      select distinct left(path, length(path) - length(split_part(path, '/', -1))) as folder from artifact where repository_id = ${repositoryId}
    ), folder as (
      select distinct array_to_string((string_to_array(folder, '/'))[1:depth], '/') from parent
      cross join lateral generate_series(1, cardinality(string_to_array(folder, '/')) - 1) as depth
    )
    select count(artifact.blob_id)::bigint as files, coalesce(sum(blob.size), 0)::bigint as bytes, (select count(*) from folder)::bigint as folders
    from artifact left join blob on blob.id = artifact.blob_id where artifact.repository_id = ${repositoryId}`.execute(db);
  return rows[0] ?? { files: 0, folders: 0, bytes: 0 };
}

/** Live blobs: what the filestore holds, each content once. */
export async function blobUsage(db: Reader): Promise<{ readonly blobs: number; readonly bytes: number }> {
  const { rows } = await sql<{ blobs: number; bytes: number }>`
    select count(*)::bigint as blobs, coalesce(sum(size), 0)::bigint as bytes from blob where tombstoned_at is null`.execute(db);
  return rows[0] ?? { blobs: 0, bytes: 0 };
}
