import { join } from 'node:path';
import type { BlobName } from './ports.ts';

/** Where things lie below the filestore's folder. */
export const markerFile = 'cluster.json';

/** The 256 shard folders, by the first byte of the SHA-256. */
export const shards: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

export function blobsFolder(root: string): string {
  return join(root, 'blobs');
}

export function stagingRoot(root: string): string {
  return join(root, 'staging');
}

/** Pieces of uploads that any node may continue: they outlive the incarnation that received them. */
export function piecesFolder(root: string): string {
  return join(root, 'uploads');
}

export function shardFolder(root: string, sha256: string): string {
  return join(blobsFolder(root), sha256.slice(0, 2));
}

export function blobFile(root: string, blob: BlobName): string {
  return join(shardFolder(root, blob.sha256), blobFileName(blob));
}

export function stagingFolder(root: string, incarnation: string): string {
  return join(stagingRoot(root), incarnation);
}

/** Where a staging folder waits for the sweep: a name that no writer of the incarnation knows. `pass` keeps several apart. */
export function asideFolder(root: string, incarnation: string, pass: string): string {
  return join(stagingRoot(root), `${incarnation}.aside-${pass}`);
}

/** Whether a name in the staging root is a folder of the incarnation that was put aside. */
export function isAside(name: string, incarnation: string): boolean {
  return name.startsWith(`${incarnation}.aside-`);
}

export function blobFileName(blob: BlobName): string {
  return `${blob.sha256}.${blob.generation}`;
}

const published = /^([0-9a-f]{64})\.([0-9a-f]{32}-\d+)$/;

/** The blob that a file name stands for; null for the number of a body that was never complete. */
export function parseBlobFileName(name: string): BlobName | null {
  const match = published.exec(name);
  const [, sha256, generation] = match ?? [];
  return sha256 === undefined || generation === undefined ? null : { sha256, generation };
}

/** The generation of the `counter`-th body of an incarnation. */
export function generationOf(incarnation: string, counter: number): string {
  return `${incarnation.replaceAll('-', '')}-${String(counter)}`;
}
