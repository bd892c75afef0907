import type { TestPostgres } from '../../test/harness/postgres.ts';

/** Artifacts that share one folder. */
export const perFolder = 10;
/** Folders in the folder that is listed. */
export const listedFolders = 1000;

/** Rows inserted in one statement. */
const step = 500_000;

/**
 * Fills a repository of a cluster by SQL: `count` artifacts of as many blobs, ten in a folder, folders in a tree of three levels. The blobs
 * have no files: nobody reads them. Indexes are made when all rows are there, as one restores a dump.
 */
export async function seedArtifacts(postgres: TestPostgres, database: string, repositoryKey: string, count: number, say: (text: string) => void): Promise<void> {
  const again = await withoutIndexes(postgres, database);
  for (let from = 0; from < count; from += step) {
    const to = Math.min(count, from + step);
    // references are right by the way they are made: they are not looked up one by one
    await postgres.query(`
      set session_replication_role = replica;
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
  for (const statement of again) await postgres.query(`set maintenance_work_mem = '1GB'; ${statement}`, database);
  say('their indexes are made');
  for (const table of ['artifact', 'blob']) await postgres.query(`vacuum (freeze, analyze) ${table}`, database);
  await postgres.query('checkpoint', database);
}

/** Takes the indexes off that no foreign key needs; resolves to the statements that make them again. */
async function withoutIndexes(postgres: TestPostgres, database: string): Promise<string[]> {
  const tables = "('artifact'::regclass, 'blob'::regclass)";
  const unique = await postgres.query(`
    select conrelid::regclass::text as "table", conname as name, pg_get_constraintdef(oid) as definition from pg_constraint where conrelid in ${tables} and contype = 'u'`, database);
  const indexes = await postgres.query(`
    select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
    where indrelid in ${tables} and not exists (select from pg_constraint where conindid = indexrelid)`, database);
  for (const { table, name } of unique) await postgres.query(`alter table ${String(table)} drop constraint ${String(name)}`, database);
  for (const { name } of indexes) await postgres.query(`drop index ${String(name)}`, database);
  return [
    ...unique.map(({ table, name, definition }) => `alter table ${String(table)} add constraint ${String(name)} ${String(definition)}`),
    ...indexes.map(({ definition }) => String(definition)),
  ];
}
