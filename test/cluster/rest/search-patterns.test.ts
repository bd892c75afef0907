import { afterAll, beforeAll, expect, it } from 'vitest';
import { insertArtifact } from '../../../server-bundle/metadata/artifacts.ts';
import { byPath } from '../../../server-bundle/metadata/search/conditions.ts';
import { searchArtifacts } from '../../../server-bundle/metadata/search/search.ts';
import { startPostgres, type TestPostgres } from '../../harness/postgres.ts';
import { metadataDatabase, repositoryId, type MetadataDatabase } from '../tasks/metadata-database.ts';

let postgres: TestPostgres;
let database: MetadataDatabase;
beforeAll(async () => {
  postgres = await startPostgres();
  database = await metadataDatabase(postgres);
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await postgres.stop();
});

it('an expression that is too complex for PostgreSQL is the fault of who asked', async () => {
  const blobId = await database.addBlob('content');
  await insertArtifact(database.db, { repositoryId, path: 'org/acme/lib', blobId, mimeType: 'text/plain', by: 'test', original: { md5: null, sha1: null, sha256: null }, facts: null });
  const any = '[^/]*'.repeat(800);
  const asked = searchArtifacts(database.db, byPath('', `^org/acme/lib${any}/([^/]+/lib${any}-[^/]+)[^/]*$`), { repositoryIds: [repositoryId], limit: 10, timeoutMs: 10_000 });
  await expect(asked).rejects.toMatchObject({ code: 'PARAMETER_INVALID' });
});
