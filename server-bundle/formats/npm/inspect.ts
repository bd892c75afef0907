import { createHash } from 'node:crypto';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { BulkheadError } from '../../contract/index.ts';
import { isTooDeep } from '../../http/json-depth.ts';
import type { InspectedFile } from '../format.ts';
import { isObject, versionFacts, type JsonObject } from './manifest.ts';
import { isOldPackageName } from './names.ts';
import { packageFileOf, plainTarballPath, tarballPath } from './paths.ts';
import { tarEntries } from './tar-entries.ts';
import type { VersionFacts } from './version-facts.ts';
import { publishedVersion } from './version-order.ts';

const limits = { entries: 200_000, bytes: 4 * 1024 ** 3 };
const maxManifest = 4 * 1024 * 1024;
const maxReadme = 1024 * 1024;

/** What a tarball says of itself. */
export interface TarballContent {
  readonly manifest: JsonObject;
  readonly readme: string | undefined;
  readonly fileCount: number;
  /** bytes */
  readonly unpackedSize: number;
}

/**
 * Facts of a tarball that was deployed as a file: read out of its `package.json`. Null for a path that is no package's.
 * @throws PACKAGE_INVALID when it is no package, or not the one that its path says
 */
export async function inspectTarball(repositoryKey: string, path: string, file: InspectedFile): Promise<VersionFacts | null> {
  const place = packageFileOf(path);
  if (place?.file.endsWith('.tgz') !== true) return null;
  const { manifest, readme, ...figures } = await readTarball(file);
  const { name } = manifest;
  const version = publishedVersion(manifest['version']);
  if (typeof name !== 'string' || version === null || !isOldPackageName(name)) {
    throw new BulkheadError('PACKAGE_INVALID', `The package.json in ${repositoryKey}/${path} has no valid name and version`, { details: { name, version: manifest['version'] } });
  }
  if (path !== tarballPath(name, version) && path !== plainTarballPath(name, version)) {
    throw new BulkheadError('PACKAGE_INVALID', `The package is ${name}@${version}: its place is ${repositoryKey}/${tarballPath(name, version)}`, { details: { name, version } });
  }
  return versionFacts(name, version, manifest, { ...figures, integrity: await integrityOf(file) }, readme);
}

/** Reads a package's tarball, with limits on everything. @throws PACKAGE_INVALID */
export async function readTarball(file: Pick<InspectedFile, 'open'>): Promise<TarballContent> {
  const source = await file.open();
  const unpacked = createGunzip();
  // failures are met where `unpacked` is read
  pipeline(source, unpacked, () => undefined);
  try {
    return await readEntries(unpacked);
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
      throw new BulkheadError('PACKAGE_INVALID', 'The file is not a gzip archive', { cause: error });
    }
    throw error;
  } finally {
    source.destroy();
    unpacked.destroy();
  }
}

async function readEntries(unpacked: Readable): Promise<TarballContent> {
  const found = { manifest: undefined as Buffer | undefined, readme: undefined as string | undefined, gyp: false, shrinkwrap: false, fileCount: 0, unpackedSize: 0 };
  for await (const { path, size, isFile, content } of tarEntries(unpacked, limits, wantedOf)) {
    if (!isFile) continue;
    found.fileCount += 1;
    found.unpackedSize += size;
    // the first folder has any name ("package" as a rule)
    const inner = innerPath(path);
    if (inner === 'package.json') found.manifest ??= content ?? undefined;
    else if (isReadme(inner)) found.readme ??= content?.toString('utf8');
    else if (inner === 'binding.gyp') found.gyp = true;
    else if (inner === 'npm-shrinkwrap.json') found.shrinkwrap = true;
  }
  const manifest = parsed(found.manifest);
  const { fileCount, unpackedSize, readme } = found;
  return {
    readme, fileCount, unpackedSize,
    manifest: { ...manifest, ...(found.gyp ? { gypfile: true } : {}), ...(found.shrinkwrap ? { _hasShrinkwrap: true } : {}) },
  };
}

function wantedOf(path: string): number {
  const inner = innerPath(path);
  if (inner === 'package.json') return maxManifest;
  return isReadme(inner) ? maxReadme : 0;
}

const innerPath = (path: string): string => path.replace(/^\.\//, '').split('/').slice(1).join('/');
const isReadme = (inner: string): boolean => /^readme(\.(md|markdown|txt))?$/i.test(inner);

function parsed(text: Buffer | undefined): JsonObject {
  if (text === undefined) throw new BulkheadError('PACKAGE_INVALID', 'The archive holds no package.json');
  try {
    const manifest: unknown = isTooDeep(text) ? null : JSON.parse(text.toString('utf8').replace(/^\ufeff/, ''));
    if (isObject(manifest)) return manifest;
  } catch {
    // told below
  }
  throw new BulkheadError('PACKAGE_INVALID', 'The package.json in the archive is not a JSON object');
}

/** Subresource Integrity of a file (https://www.w3.org/TR/SRI/). */
export async function integrityOf(file: Pick<InspectedFile, 'open'>): Promise<string> {
  const hash = createHash('sha512');
  for await (const chunk of await file.open() as AsyncIterable<Buffer>) hash.update(chunk);
  return `sha512-${hash.digest('base64')}`;
}
