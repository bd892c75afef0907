import type { Stats } from 'node:fs';
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { BulkheadError } from '../contract/index.ts';
import { syncFolder } from './durable-files.ts';
import { asFilestoreError, systemCode } from './failures.ts';
import { blobsFolder, markerFile, piecesFolder, shards, stagingRoot } from './layout.ts';

const marker = z.object({ clusterId: z.string() });

/**
 * Makes the folders and the marker of a new cluster's filestore and syncs all of them. Only for the creation of a cluster: a
 * node that serves never calls it, so that an unmounted share is not mistaken for an empty filestore.
 * Running it again for the same cluster changes nothing.
 * @throws FILESTORE_FOREIGN when another cluster's marker is there
 */
export async function initialize(path: string, clusterId: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    const present = await readMarker(path);
    if (present !== null && present !== clusterId) throw foreign(path, present, clusterId);
    await makeFolders(path);
    if (present === null) await writeMarker(path, clusterId);
  } catch (error) {
    throw asFilestoreError(error);
  }
}

/** Which file a marker is, and which state of it. */
export type MarkerFile = Pick<Stats, 'dev' | 'ino' | 'size' | 'mtimeMs'>;

/**
 * Checks that `path` is the filestore of the cluster and that marker, blobs and staging lie on one device (a share that is
 * mounted over only a part of it is none).
 * @returns the marker's file, for `markerFileIs`
 */
export async function checkMarker(path: string, clusterId: string): Promise<MarkerFile> {
  const found = await readMarker(path);
  if (found === null) throw new BulkheadError('FILESTORE_UNAVAILABLE', `${path} holds no cluster marker: is the share mounted?`);
  if (found !== clusterId) throw foreign(path, found, clusterId);
  const [file, blobs, staging] = await Promise.all([stat(join(path, markerFile)), stat(blobsFolder(path)), stat(stagingRoot(path))]);
  if (file.dev !== blobs.dev || file.dev !== staging.dev) {
    throw new BulkheadError('FILESTORE_UNAVAILABLE', `Marker, blobs and staging of ${path} lie on different devices`);
  }
  return file;
}

/** Whether the marker is still this file in this state: a look, without reading it. False when there is none. */
export async function markerFileIs(path: string, { dev, ino, size, mtimeMs }: MarkerFile): Promise<boolean> {
  try {
    const found = await stat(join(path, markerFile));
    return found.dev === dev && found.ino === ino && found.size === size && found.mtimeMs === mtimeMs;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

async function readMarker(path: string): Promise<string | null> {
  try {
    const parsed = marker.safeParse(JSON.parse(await readFile(join(path, markerFile), 'utf8')));
    if (parsed.success) return parsed.data.clusterId;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new BulkheadError('FILESTORE_UNAVAILABLE', `The cluster marker in ${path} cannot be read`);
}

async function makeFolders(path: string): Promise<void> {
  await mkdir(stagingRoot(path), { recursive: true });
  await mkdir(piecesFolder(path), { recursive: true });
  for (const shard of shards) await mkdir(join(blobsFolder(path), shard), { recursive: true });
  // a folder lives in its parent: a shard whose name was not synced is gone after a power loss
  for (const folder of [blobsFolder(path), path]) await syncFolder(folder);
}

async function writeMarker(path: string, clusterId: string): Promise<void> {
  const draft = join(path, `${markerFile}.${clusterId}.${String(process.pid)}`);
  const file = await open(draft, 'w', 0o644);
  try {
    await file.writeFile(`${JSON.stringify({ clusterId }, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    // link, not rename: it never replaces a marker that appeared meanwhile
    await link(draft, join(path, markerFile));
  } catch (error) {
    const present = await readMarker(path);
    if (systemCode(error) !== 'EEXIST' || present !== clusterId) throw present === null ? error : foreign(path, present, clusterId);
  } finally {
    await unlink(draft).catch(() => undefined);
  }
  await syncFolder(path);
}

function foreign(path: string, found: string, expected: string): BulkheadError {
  return new BulkheadError('FILESTORE_FOREIGN', `${path} belongs to cluster ${found}, not to ${expected}`, { details: { path, found, expected } });
}
