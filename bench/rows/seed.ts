import type { TestPostgres } from '../../test/harness/postgres.ts';

/** Artifacts that share one folder. */
export const perFolder = 10;
/** Folders in the folder that is listed. */
export const listedFolders = 1000;

/**
 * Fills a repository of a cluster by SQL: `count` artifacts of as many blobs, ten in a folder, folders in a tree of three levels. The blobs have no files: nobody reads them.
 */
export async function seedArtifacts(postgres: TestPostgres, database: string, repositoryKey: string, count: number, say: (text: string) => void): Promise<void> {
  const step = 500_000;
  await postgres.query('create extension if not exists pgcrypto', database).catch(() => undefined);
  for (let from = 0; from < count; from += step) {
    const to = Math.min(count, from + step);
    await postgres.query(`
      with numbered as (select n, md5(n::text) as hex from generate_series(${String(from)}, ${String(to - 1)}) as n),
      blobs as (
        insert into blob (sha256, generation, size, sha1, md5)
        select hex || reverse(hex), 'seed-' || n, 1024, left(hex || hex, 40), hex from numbered returning id, sha256, generation
      )
      insert into artifact (repository_id, path, blob_id, mime_type, created_by, modified_by)
      select repository.id,
        'org/g' || (n / ${String(perFolder * listedFolders)}) || '/a' || (n / ${String(perFolder)} % ${String(listedFolders)}) || '/file-' || n || '.bin',
        blobs.id, 'application/octet-stream', 'seed', 'seed'
      from blobs join lateral (select substr(generation, 6)::bigint as n) as numbers on true cross join repository where repository.key = '${repositoryKey}'`, database);
    say(`${String(to)} of ${String(count)} artifacts seeded`);
  }
  await postgres.query('vacuum analyze artifact', database);
  await postgres.query('vacuum analyze blob', database);
}
