import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import { RawLoad } from '../harness/raw-load.ts';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';

const run = promisify(execFile);
let cluster: TestCluster;
let backup: TemporaryFolder;

beforeAll(async () => {
  cluster = await startCluster({ balancer: false, nodes: 2 });
  backup = await temporaryFolder('backup');
});
afterAll(async () => {
  await cluster.stop();
  await backup.remove();
});

async function dataFolder(): Promise<string> {
  const [row] = await cluster.postgres.query(`select current_setting('data_directory') as "from"`);
  return String(row?.['from']);
}

/** An online base backup as `pg_basebackup` makes it (PostgreSQL documentation, 25.3.4), with the means that every server has. */
async function backUpDatabase(to: string): Promise<void> {
  const { host, port, superuser } = cluster.postgres;
  const client = new pg.Client({ host, port, ...superuser, database: 'postgres' });
  await client.connect();
  try {
    const from = await dataFolder();
    await client.query(`select pg_backup_start('test', true)`);
    await mkdir(to);
    await run('sh', ['-c', 'cd "$1" && tar -cf - --exclude=./postmaster.pid --exclude=./postmaster.opts --exclude="./pg_wal/*" --warning=no-file-changed . | tar -xpf - -C "$2"', 'sh', from, to]).catch((error: unknown) => {
      // status 1 of tar: a file has changed while it was read, which is what the log makes good
      if ((error as { code?: number }).code !== 1) throw error;
    });
    const { rows: [label] } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop()');
    await writeFile(join(to, 'backup_label'), label?.labelfile ?? '');
    await run('sh', ['-c', 'cp -a "$1/pg_wal/." "$2/pg_wal/"; chown --reference="$1" "$2/backup_label"', 'sh', from, to]);
  } finally {
    await client.end();
  }
}

/** Names of all stored blobs. */
async function blobsIn(filestore: string): Promise<Set<string>> {
  const shards = await readdir(join(filestore, 'blobs'));
  return new Set((await Promise.all(shards.map((shard) => readdir(join(filestore, 'blobs', shard))))).flat());
}

async function blobRows(): Promise<string[]> {
  const rows = await cluster.postgres.query(`select sha256 || '.' || generation as name from blob where tombstoned_at is null`, cluster.database);
  return rows.map(({ name }) => String(name));
}

test('database first, filestore second: what was acknowledged before the backup is all there after everything was lost', async () => {
  const { filestore, postgres } = cluster;
  const load = new RawLoad({ url: cluster.node('n1').url, ...cluster.admin });
  await waitFor('some artifacts', () => Promise.resolve(load.done > 100));
  const tooEarly = await blobsIn(filestore);
  const acknowledged = new Map(load.written);
  await waitFor('more to be written before the backup', () => Promise.resolve(load.written.size > acknowledged.size + 10));

  await backUpDatabase(join(backup.path, 'database'));
  await waitFor('more to be written between the two', () => Promise.resolve(load.written.size > acknowledged.size + 30));
  // what is just being received may be gone before it is copied, as a backup tool says too; a blob may not
  await run('cp', ['-a', filestore, join(backup.path, 'filestore')]).catch((error: unknown) => {
    const words = String((error as { stderr?: unknown }).stderr).trim().split('\n');
    if (!words.every((line) => /\/(staging|uploads)\/.*No such file/.test(line))) throw error;
  });
  const report = await load.stop();
  expect(report.failures).toEqual([]);

  for (const node of cluster.nodes) await node.kill();
  const from = await dataFolder();
  await postgres.kill();
  await run('sh', ['-c', 'find "$1" -mindepth 1 -delete', 'sh', from]);
  await rm(filestore, { recursive: true });

  await run('cp', ['-a', join(backup.path, 'filestore'), filestore]);
  await run('sh', ['-c', 'cp -a "$1/." "$2/"', 'sh', join(backup.path, 'database'), from]);
  await postgres.restart();
  await Promise.all(cluster.nodes.map((node) => node.start()));
  await cluster.untilServing();

  for (const [path, sha256] of acknowledged) {
    const answer = await cluster.node('n2').client.get(`/generic-local/${path}`);
    expect([path, answer.status, createHash('sha256').update(answer.body).digest('hex')]).toEqual([path, 200, sha256]);
  }
  const stored = await blobsIn(filestore);
  const rows = await blobRows();
  expect(rows.filter((name) => !stored.has(name))).toEqual([]);
  // the other order would have lost what came in between
  expect(rows.filter((name) => !tooEarly.has(name)).length).toBeGreaterThan(10);
  expect((await cluster.node('n1').client.put('/generic-local/after.txt', 'again')).status).toBe(201);
});
