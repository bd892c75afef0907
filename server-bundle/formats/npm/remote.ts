import type { FormatRepository } from '../format.ts';
import type { RemoteFormat, UpstreamDocument, UpstreamRequest } from '../remote-format.ts';
import { registryAddress } from './documents.ts';
import { isObject, type JsonObject } from './manifest.ts';
import { isOldPackageName } from './names.ts';
import { packageFileOf, packumentOf, packumentPath, plainTarballPath, withoutScope, type PackageFile } from './paths.ts';
import { distOf, modifiedOf, packumentBytes, parsedPackument, versionInForm, withTarball } from './upstream-packument.ts';
import { isVersion } from './version-order.ts';

const accepted = { full: 'application/json', abbreviated: 'application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8' } as const;

/**
 * A registry elsewhere. Both forms of a packument are fetched as they are: the abbreviated one is what installations ask for, and upstream's is
 * many times smaller than the full one that it could be made of. Tarballs are kept under their plain names, wherever upstream keeps them.
 */
export const remoteNpm: RemoteFormat = {
  upstream: async (_repository, path, documentOf) => {
    const packument = packumentOf(path);
    if (packument !== null) return isOldPackageName(packument.name) ? { url: escaped(packument.name), accept: accepted[packument.form], kind: 'document' } : null;
    const one = versionDocumentOf(path);
    if (one !== null) return { url: `${escaped(one.name)}/${encodeURIComponent(one.version)}`, accept: 'application/json', kind: 'document' };
    const file = packageFileOf(path);
    return file === null ? null : tarballRequest(file, documentOf);
  },
  document: (repository, path, upstream, root) => {
    const asked = packumentOf(path);
    return asked === null ? upstream : { ...rewritten(repository, asked, upstream.bytes, root), modifiedAt: upstream.modifiedAt };
  },
};

function rewritten({ key }: FormatRepository, { name, form }: NonNullable<ReturnType<typeof packumentOf>>, bytes: Buffer, root: string): { readonly bytes: Buffer } {
  const packument = parsedPackument(bytes, name);
  const files = registryAddress(root, key);
  const versions = new Map([...packument.versions].map(([version, manifest]) => [version, withTarball(versionInForm(manifest, form), files + plainTarballPath(name, version))]));
  const modified = modifiedOf(packument);
  return { bytes: packumentBytes(name, modified === undefined || form === 'full' ? packument.fields : { ...packument.fields, modified }, versions, form) };
}

async function tarballRequest({ name, file }: PackageFile, documentOf: UpstreamDocument): Promise<UpstreamRequest | null> {
  const version = versionOfFile(name, file);
  if (version === null || !isOldPackageName(name)) return null;
  const dist = await distInPackument(name, version, documentOf) ?? await distOfVersion(name, version, documentOf);
  const tarball = dist?.['tarball'];
  if (dist === null || typeof tarball !== 'string') return null;
  return { url: tarball, kind: 'file', expected: promisedDigests(dist) };
}

/** A file of a package is one of its versions: `{name}-{version}.tgz`, with or without the scope. */
function versionOfFile(name: string, file: string): string | null {
  const plain = withoutScope(file);
  const start = `${withoutScope(name)}-`;
  if (!plain.startsWith(start) || !plain.endsWith('.tgz')) return null;
  const version = plain.slice(start.length, -'.tgz'.length);
  return isVersion(version) ? version : null;
}

async function distInPackument(name: string, version: string, documentOf: UpstreamDocument): Promise<JsonObject | null> {
  const bytes = await documentOf(packumentPath(name, 'abbreviated'));
  if (bytes === undefined) return null;
  const manifest = parsedPackument(bytes, name).versions.get(version);
  return manifest === undefined ? null : distOf(manifest);
}

/** For a version that is newer than the packument that is kept. */
async function distOfVersion(name: string, version: string, documentOf: UpstreamDocument): Promise<JsonObject | null> {
  const bytes = await documentOf(versionDocumentPath(name, version));
  if (bytes === undefined) return null;
  try {
    const manifest: unknown = JSON.parse(bytes.toString('utf8'));
    return isObject(manifest) && manifest['name'] === name && manifest['version'] === version ? distOf(manifest) : null;
  } catch {
    return null;
  }
}

function promisedDigests(dist: JsonObject): NonNullable<UpstreamRequest['expected']> {
  const { integrity, shasum } = dist;
  const sha512 = typeof integrity === 'string' ? /(?:^|\s)sha512-([A-Za-z0-9+/]{86}==)/.exec(integrity)?.[1] : undefined;
  if (sha512 !== undefined) return { sha512: Buffer.from(sha512, 'base64').toString('hex') };
  return typeof shasum === 'string' && /^[0-9a-f]{40}$/i.test(shasum) ? { sha1: shasum.toLowerCase() } : {};
}

function versionDocumentPath(name: string, version: string): string {
  return `${name}/-/versions/${version}.json`;
}

function versionDocumentOf(path: string): { readonly name: string; readonly version: string } | null {
  const match = /^(.+)\/-\/versions\/([^/]+)\.json$/.exec(path);
  const [, name = '', version = ''] = match ?? [];
  return isOldPackageName(name) && isVersion(version) ? { name, version } : null;
}

/** As npm's clients write a scoped name into an address: one segment. */
function escaped(name: string): string {
  return name.replace('/', '%2f');
}
