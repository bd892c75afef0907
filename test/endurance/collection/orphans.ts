import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestCluster } from '../../harness/cluster.ts';

async function filesBelow(folder: string): Promise<{ name: string; path: string }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name, parentPath }) => ({ name, path: join(parentPath, name) }));
}

/**
 * What is left of a cluster in which nothing is under way: files and rows have to be exactly those of `live`, each file the
 * bytes that its name promises, and no tombstone, candidate or staged file may be left.
 * @param live SHA-256 of everything that something refers to
 */
export async function findOrphans(cluster: TestCluster, live: ReadonlySet<string>): Promise<string[]> {
  const found: string[] = [];
  const rows = await cluster.postgres.query(`select sha256, generation, tombstoned_at is not null as dead from blob`, cluster.database);
  const names = new Set(rows.map((row) => `${String(row['sha256'])}.${String(row['generation'])}`));
  for (const row of rows) {
    if (row['dead'] === true) found.push(`row ${String(row['sha256'])} still has a tombstone`);
    else if (!live.has(String(row['sha256']))) found.push(`row ${String(row['sha256'])} has no reference`);
  }
  const stored = await filesBelow(join(cluster.filestore, 'blobs'));
  for (const { name, path } of stored) {
    if (!names.has(name)) found.push(`file ${name} has no row`);
    const digest = createHash('sha256').update(await readFile(path)).digest('hex');
    if (!name.startsWith(digest)) found.push(`file ${name} holds the bytes of ${digest}`);
  }
  const present = new Set(stored.map(({ name }) => name));
  for (const name of names) if (!present.has(name)) found.push(`row ${name} has no file`);
  for (const digest of live) if (!rows.some((row) => row['sha256'] === digest)) found.push(`${digest} is referred to and has no row`);
  for (const folder of ['staging', 'uploads']) {
    for (const { path } of await filesBelow(join(cluster.filestore, folder))) found.push(`${path.slice(cluster.filestore.length)} is left`);
  }
  const [candidates] = await cluster.postgres.query('select count(*)::int as count from collection_candidate', cluster.database);
  if (candidates?.['count'] !== 0) found.push(`${String(candidates?.['count'])} candidates are left`);
  return found;
}
