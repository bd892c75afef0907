import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Reader } from '../../../server-bundle/cluster/ports.ts';
import { folderContents } from '../../../server-bundle/metadata/folders.ts';
import { startPostgres } from '../../harness/postgres.ts';
import { metadataDatabase, repositoryId, type MetadataDatabase } from '../tasks/metadata-database.ts';

const clean = new AsyncDisposableStack();
let database: MetadataDatabase;
beforeAll(async () => {
  const postgres = await startPostgres();
  clean.defer(() => postgres.stop());
  database = clean.use(await metadataDatabase(postgres));
  const blob = await database.addBlob('content');
  // 20 folders with 500 files each, the first of which is younger than all others; a folder made by hand; a file
  await sql`
    insert into artifact (repository_id, path, blob_id, mime_type, created_by, modified_by, created_at, modified_at)
    select ${repositoryId}, 'org/a' || lpad((n / 500)::text, 2, '0') || '/' || lpad((n % 500)::text, 3, '0'), ${blob}, 'text/plain', 'u' || n, 'u' || n,
      timestamptz '2026-01-01Z' + make_interval(hours => n), timestamptz '2026-06-01Z' - make_interval(mins => n)
    from generate_series(0, 9999) as n`.execute(database.db);
  await sql`
    insert into artifact (repository_id, path, blob_id, mime_type, created_by, modified_by, created_at, modified_at) values
      (${repositoryId}, 'org/', null, 'application/x-directory', 'maker', 'maker', '2025-01-01Z', '2025-01-01Z'),
      (${repositoryId}, 'org/file.txt', ${blob}, 'text/plain', 'ada', 'bob', '2026-03-01Z', '2026-09-01Z'),
      (${repositoryId}, 'empty/', null, 'application/x-directory', 'maker', 'maker', '2025-02-01Z', '2025-02-01Z')`.execute(database.db);
  await sql`vacuum analyze artifact`.execute(database.db);
});
afterAll(() => clean.disposeAsync());

/** Rows of artifacts that were read, in a table or in an index, for what `work` asks. */
async function rowsRead(work: (db: Reader) => Promise<unknown>): Promise<number> {
  return database.db.transaction().execute(async (trx) => {
    const count = async (): Promise<number> => {
      const { rows: [row] } = await sql<{ rows: number }>`
        select (seq_tup_read + coalesce(idx_tup_fetch, 0) + (select sum(pg_stat_get_xact_tuples_returned(indexrelid)) from pg_index where indrelid = relid))::int as rows
        from pg_stat_xact_user_tables where relname = 'artifact'`.execute(trx);
      return row?.rows ?? NaN;
    };
    const before = await count();
    await work(trx);
    return await count() - before;
  });
}

test('a folder is listed by what is directly in it, whatever is below', async () => {
  const found = await folderContents(database.db, repositoryId, 'org/');
  expect(found.children).toHaveLength(21);
  expect(found.children.filter(({ folder }) => !folder)).toEqual([{ name: 'file.txt', folder: false }]);
  expect(found.stamps).toEqual({ createdAt: new Date('2025-01-01Z'), createdBy: 'maker', modifiedAt: new Date('2026-09-01Z'), modifiedBy: 'bob' });
  expect(await folderContents(database.db, repositoryId, 'empty/')).toMatchObject({ children: [], stamps: { createdBy: 'maker' } });
  expect(await folderContents(database.db, repositoryId, 'nowhere/')).toEqual({ children: [], stamps: null });
  expect((await folderContents(database.db, repositoryId, '')).children.map(({ name }) => name)).toEqual(['empty', 'org']);
});

test('its cost does not grow with what is below it', async () => {
  const read = await rowsRead((db) => folderContents(db, repositoryId, 'org/'));
  expect(read).toBeGreaterThanOrEqual(22);
  expect(read).toBeLessThan(100);
  // the way of counting sees a walk through everything
  expect(await rowsRead((db) => sql`select min(created_at) from artifact where path >= 'org/' and path < 'org0'`.execute(db))).toBeGreaterThanOrEqual(10_000);
});
