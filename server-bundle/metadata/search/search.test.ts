import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentCluster, type ContentCluster, type TestNode } from '../../../test/harness/content-session.ts';
import { startPostgres, type TestPostgres } from '../../../test/harness/postgres.ts';
import { byCoordinates } from '../../repositories/search/gavc.ts';
import { pathGlob } from '../../repositories/search/path-glob.ts';
import { byChecksum, byFileName, byPath, byProperties, byTime, type SearchCondition } from './conditions.ts';
import { searchArtifacts, versionFolders } from './search.ts';

/** Artifacts in the database: enough for a plan that reads all of them to be the wrong one. */
const count = 200_000;
let postgres: TestPostgres;
let cluster: ContentCluster;
let node: TestNode;

beforeAll(async () => {
  postgres = await startPostgres();
  cluster = await contentCluster(postgres);
  node = await cluster.addNode();
  const { db } = node.content.session;
  await sql`insert into blob (sha256, generation, size, sha1, md5)
    select lpad(to_hex(n), 64, '0'), 'g', n, lpad(to_hex(n), 40, '0'), lpad(to_hex(n), 32, '0') from generate_series(1, 2000) as n`.execute(db);
  // two files in each of 100,000 versions; one repository of three holds them
  await sql`insert into artifact (repository_id, path, blob_id, mime_type, created_by, modified_by, created_at)
    select repository.id, format('org/g%s/lib%s/1.%s/lib%s-1.%s%s', n % 50, n / 2 % 1000, n / 2, n / 2 % 1000, n / 2, case n % 2 when 0 then '.jar' else '-sources.jar' end),
      blob.id, 'x', 'seed', 'seed', timestamptz '2026-01-01' + n * interval '1 minute'
    from generate_series(0, ${count - 1}::int) as n join blob on blob.size = n % 2000 + 1 cross join repository where repository.key = 'maven-releases' order by n`.execute(db);
  await sql`insert into artifact_property (repository_id, path, name, value)
    select repository_id, path, 'build.number', (row_number() over (order by path))::text from artifact limit 50000`.execute(db);
  await sql`vacuum analyze artifact, artifact_property, blob`.execute(db);
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await postgres.stop();
});

/** Nodes of the plan that read whole tables. */
async function wholeTables(condition: SearchCondition): Promise<string[]> {
  const { rows } = await sql<{ 'QUERY PLAN': string }>`
    explain select repository_id, path from artifact where repository_id = any(array[1, 2, 3]::bigint[]) and ${condition} limit 20001`.execute(node.content.session.db);
  return rows.map((row) => row['QUERY PLAN']).filter((line) => line.includes('Seq Scan'));
}
async function found(condition: SearchCondition, limit = 20_000): Promise<{ paths: string[]; capped: boolean }> {
  const { artifacts, capped } = await searchArtifacts(node.content.session.db, condition, { repositoryIds: [1, 2, 3], limit, timeoutMs: 20_000 });
  return { paths: artifacts.map((artifact) => artifact.path), capped };
}

describe('with two hundred thousand artifacts', () => {
  it.each<[string, SearchCondition, number]>([
    ['a file name', byFileName('LIB7-1.7.jar'), 1],
    ['the begin of a file name', byFileName('lib7-1.10*'), 4],
    ['a checksum', byChecksum('sha256', `${'0'.repeat(61)}7d0`), 100],
    ['a property', byProperties(new Map([['build.number', '77']])), 1],
    ['the begin of a property', byProperties(new Map([['build.number', '4999*']])), 11],
    ['a path pattern', byPath(pathGlob('org/g7/lib3/*/*-sources.jar').prefix, pathGlob('org/g7/lib3/*/*-sources.jar').expression), 100],
    ['Maven coordinates', byCoordinates({ group: 'org.g6', artifact: 'lib3' }), 100],
    ['an artifact of any group', byCoordinates({ artifact: 'lib3', version: '1.3', classifier: 'sources' }), 1],
    ['a span of time', byTime(['created_at'], new Date('2026-03-01T00:00:00Z'), new Date('2026-03-01T00:30:00Z')), 31],
  ])('%s is found without reading the table', async (_what, condition, expected) => {
    expect(await wholeTables(condition)).toEqual([]);
    const { paths, capped } = await found(condition);
    expect(capped).toBe(false);
    expect(paths).toHaveLength(expected);
    expect(paths).toEqual(paths.toSorted((a, b) => (a < b ? -1 : 1)));
  });

  it('a search that is ended by its limits says so', async () => {
    expect(await found(byFileName('*sources*'), 100)).toMatchObject({ capped: true });
    expect((await found(byFileName('*sources*'), 100)).paths).toHaveLength(100);
    const slow: SearchCondition = sql`pg_sleep(0.01) is not null and artifact.path ~ 'nothing'`;
    await expect(searchArtifacts(node.content.session.db, slow, { repositoryIds: [1, 2, 3], limit: 1, timeoutMs: 200 })).rejects.toMatchObject({ code: 'SEARCH_TOO_BROAD' });
    // the next user of the connection has the usual limit again
    const { rows } = await sql<{ statement_timeout: string }>`show statement_timeout`.execute(node.content.session.db);
    expect(rows[0]?.statement_timeout).not.toBe('200ms');
  });

  it('versions are told once each', async () => {
    const versions = await versionFolders(node.content.session.db, 'org/g6/lib3/', { repositoryIds: [1, 2, 3], limit: 1000, timeoutMs: 20_000 });
    expect(versions).toHaveLength(100);
    expect(versions[0]?.path.startsWith(`org/g6/lib3/${versions[0].version}/`)).toBe(true);
  });
});

describe('wildcards', () => {
  it('are the only characters with a meaning', async () => {
    const { db } = node.content.session;
    for (const name of ['odd_%name\\.txt', 'oddX%name\\.txt', '\u00c4ODD.txt']) {
      await sql`insert into artifact (repository_id, path, blob_id, mime_type, created_by, modified_by)
        select repository.id, ${`w/${name}`}, (select min(id) from blob), 'x', 's', 's' from repository where key = 'generic-local'`.execute(db);
    }
    expect((await found(byFileName('odd_%name\\.txt'))).paths).toEqual(['w/odd_%name\\.txt']);
    expect((await found(byFileName('ODD?%*'))).paths).toHaveLength(2);
    expect((await found(byFileName('\u00c4odd*'))).paths).toEqual(['w/\u00c4ODD.txt']);
  });
});
