import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { insertArtifact } from '../../server-bundle/metadata/artifacts.ts';
import { lockPaths } from '../../server-bundle/metadata/path-locks.ts';
import { findRepository } from '../../server-bundle/metadata/repositories.ts';
import type { RecordedAnswer } from '../../server-bundle/metadata/request-results.ts';
import { declaredChecksums } from '../../server-bundle/repositories/declared-checksums.ts';
import { deploy } from '../../server-bundle/repositories/deploy.ts';
import { readBlob } from '../../server-bundle/repositories/read-blob.ts';
import { resolve } from '../../server-bundle/repositories/resolve.ts';
import type { Principal } from '../../server-bundle/security/principal.ts';
import { contentCluster, type ContentCluster, type TestNode } from './content-session.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';
import { waitFor } from './wait-for.ts';

/** An administrator. */
export const ada: Principal = { name: 'ada', role: 'admin', via: 'password' };

export const digest = (bytes: Buffer | string, algorithm = 'sha256'): string => createHash(algorithm).update(bytes).digest('hex');

/** Two nodes that share content, new for each test of the file that asks for them, and what tests do with them as ada. */
export interface ContentPair {
  readonly cluster: ContentCluster;
  readonly a: TestNode;
  readonly b: TestNode;
  readonly put: (node: TestNode, repositoryKey: string, path: string, bytes: Buffer | string, headers?: Record<string, string>, replayKey?: string | null) => Promise<RecordedAnswer>;
  /** Null when there is nothing. */
  readonly get: (node: TestNode, repositoryKey: string, path: string) => Promise<Buffer | null>;
  readonly text: (node: TestNode, repositoryKey: string, path: string) => Promise<string | null>;
  readonly query: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  readonly blobFiles: () => Promise<string[]>;
  readonly stagingFiles: () => Promise<string[]>;
  /** Digests of what the collector will look at, in order. */
  readonly candidates: () => Promise<string[]>;
  /** Files outside the trash can. */
  readonly artifactCount: () => Promise<unknown>;
  /** A deploy that has inserted its row and not committed yet. */
  readonly deployUnderWay: (repositoryKey: string, path: string) => Promise<{ commit(): Promise<void> }>;
  /** Until a transaction waits for a path. */
  readonly untilSomebodyWaits: () => Promise<void>;
}

async function put(node: TestNode, repositoryKey: string, path: string, bytes: Buffer | string, headers: Record<string, string> = {}, replayKey: string | null = null): Promise<RecordedAnswer> {
  return deploy(node.content, { principal: ada, repositoryKey, path, declared: declaredChecksums(headers), replayKey }, Readable.from([Buffer.from(bytes)]));
}

async function get(node: TestNode, repositoryKey: string, path: string): Promise<Buffer | null> {
  const found = await resolve(node.content, ada, repositoryKey, path);
  if (found.kind === 'nothing') return null;
  if (found.kind === 'text') return found.content.bytes;
  if (found.kind === 'arriving') throw new Error('nothing comes from elsewhere here');
  const source = await readBlob(node.content, found.repository, found.file);
  return source.bytes ?? Buffer.concat(await (await source.open()).toArray() as Buffer[]);
}

async function deployUnderWay(node: TestNode, repositoryKey: string, path: string): Promise<{ commit(): Promise<void> }> {
  const { db } = node.content.session;
  const repository = await findRepository(db, repositoryKey);
  const repositoryId = repository?.id ?? 0;
  const inserted = Promise.withResolvers<undefined>();
  const released = Promise.withResolvers<undefined>();
  const done = db.transaction().execute(async (trx) => {
    await lockPaths(trx, [{ repositoryId, path }]);
    await insertArtifact(trx, { repositoryId, path, blobId: null, mimeType: 'text/plain', by: 'ada', original: { md5: null, sha1: null, sha256: null }, facts: null });
    inserted.resolve(undefined);
    await released.promise;
  });
  await Promise.race([inserted.promise, done]);
  return { commit: async () => { released.resolve(undefined); await done; } };
}

/** Registers the hooks of the test file: one PostgreSQL for the file, a database, a filestore and two nodes for each test. */
export function contentPair(): ContentPair {
  let postgres: TestPostgres;
  let cluster: ContentCluster;
  let a: TestNode;
  let b: TestNode;
  beforeAll(async () => { postgres = await startPostgres(); });
  afterAll(async () => { await postgres.stop(); });
  beforeEach(async () => {
    cluster = await contentCluster(postgres);
    a = await cluster.addNode();
    b = await cluster.addNode();
    return async () => { await cluster[Symbol.asyncDispose](); };
  });

  const query: ContentPair['query'] = (sql) => postgres.query(sql, cluster.database);
  const below = async (folder: string, sign: string): Promise<string[]> => (await readdir(join(cluster.path, folder), { recursive: true })).filter((name) => name.includes(sign));
  return {
    get cluster() { return cluster; },
    get a() { return a; },
    get b() { return b; },
    put, get, query,
    text: async (node, repositoryKey, path) => (await get(node, repositoryKey, path))?.toString() ?? null,
    blobFiles: () => below('blobs', '.'),
    stagingFiles: () => below('staging', '/'),
    candidates: async () => (await query('select sha256 from collection_candidate join blob on blob.id = blob_id order by sha256')).map((row) => String(row['sha256'])),
    artifactCount: async () => (await query(`select count(*)::int as count from artifact join repository on id = repository_id where key <> 'auto-trashcan'`))[0]?.['count'],
    deployUnderWay: (repositoryKey, path) => deployUnderWay(a, repositoryKey, path),
    untilSomebodyWaits: async () => {
      await waitFor('a transaction to wait for a path', async () => (await query(`select 1 from pg_locks where locktype = 'advisory' and not granted`)).length > 0);
    },
  };
}
