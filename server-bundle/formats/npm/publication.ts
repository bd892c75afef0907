import { BulkheadError } from '../../contract/index.ts';
import { isObject, type JsonObject } from './manifest.ts';
import { isPackageName, isTagName } from './names.ts';
import { withoutScope } from './paths.ts';
import { isRange, isVersion, publishedVersion } from './version-order.ts';

/** One version that a client publishes, as its document says. */
export interface Publication {
  readonly name: string;
  readonly version: string;
  readonly manifest: JsonObject;
  readonly readme: string | undefined;
  /** tags for this version */
  readonly tags: ReadonlyMap<string, string>;
  /** bytes of the tarball, when the client told */
  readonly length: number | undefined;
  readonly shasum: string | undefined;
  /** Subresource Integrity; several hashes may stand in it */
  readonly integrity: string | undefined;
}

export interface TarballDigests { readonly size: number; readonly sha1: string; readonly sha256: string; readonly sha512: string }

/**
 * What is being published: the version whose tarball is attached. Other versions in the document (clients that try again send those that are
 * there already) say nothing new.
 * @param fileName of the attached tarball
 * @throws BODY_INVALID, PACKAGE_INVALID
 */
export function publicationOf(name: string, fileName: string, document: unknown): Publication {
  if (!isObject(document)) throw invalid('', 'a JSON object is needed');
  if (document['name'] !== name) throw invalid('name', `the address says '${name}'`);
  if (!isPackageName(name)) throw new BulkheadError('PACKAGE_INVALID', `'${name}' is not a valid name for a package`);
  const versions = isObject(document['versions']) ? document['versions'] : {};
  const named = Object.keys(versions).filter((version) => fileName === `${name}-${version}.tgz` || fileName === `${withoutScope(name)}-${version}.tgz`);
  const [version] = named;
  if (version === undefined || named.length > 1) throw invalid('versions', `none of them belongs to the attached file '${fileName.slice(0, 300)}'`);
  const manifest = versions[version];
  if (!isVersion(version)) throw invalid('versions', `'${version.slice(0, 300)}' is not a version as https://semver.org has it`);
  if (!isObject(manifest)) throw invalid(`versions.${version}`, 'a manifest is needed');
  if (manifest['name'] !== name || manifest['version'] !== version) throw invalid(`versions.${version}`, 'name and version in it differ from those it stands under');
  const dist = isObject(manifest['dist']) ? manifest['dist'] : {};
  const attachments = isObject(document['_attachments']) ? document['_attachments'] : {};
  const attachment = attachments[fileName];
  const length = isObject(attachment) ? attachment['length'] : undefined;
  if (length !== undefined && typeof length !== 'number') throw invalid(`_attachments.${fileName}.length`, 'a number is needed');
  return {
    name, version, manifest, length, tags: tagsFor(version, document['dist-tags']),
    readme: typeof document['readme'] === 'string' ? document['readme'] : undefined,
    shasum: textOf(dist['shasum'], `versions.${version}.dist.shasum`), integrity: textOf(dist['integrity'], `versions.${version}.dist.integrity`),
  };
}

/** @throws CHECKSUM_MISMATCH, CHECKSUM_INVALID, BODY_INVALID when the bytes are not what the client says of them */
export function requireIntact({ length, shasum, integrity }: Publication, actual: TarballDigests): void {
  if (length !== undefined && length !== actual.size) throw invalid('_attachments', `the tarball has ${String(actual.size)} bytes, not the ${String(length)} that were told`);
  if (shasum !== undefined) {
    if (!/^[0-9a-f]{40}$/i.test(shasum)) throw new BulkheadError('CHECKSUM_INVALID', 'dist.shasum is not a SHA-1');
    requireEqual('sha1', shasum.toLowerCase(), actual.sha1);
  }
  if (integrity === undefined) return;
  const hashes = integrity.split(/\s+/).filter((part) => part !== '').map((part) => /^(sha512|sha256|sha1)-([A-Za-z0-9+/]+={0,2})(?:\?.*)?$/.exec(part));
  if (hashes.length === 0) throw new BulkheadError('CHECKSUM_INVALID', 'dist.integrity is empty');
  for (const hash of hashes) {
    const [, algorithm, value] = hash ?? [];
    if (algorithm !== 'sha512' && algorithm !== 'sha256' && algorithm !== 'sha1') throw new BulkheadError('CHECKSUM_INVALID', 'dist.integrity holds something else than SHA-512, SHA-256 or SHA-1 in base64');
    requireEqual(algorithm, Buffer.from(value ?? '', 'base64').toString('hex'), actual[algorithm]);
  }
}

/** What the tarball itself says must be what the index will say of it: otherwise two tools would see two packages. @throws PACKAGE_INVALID */
export function requireSameManifest({ name, version }: Publication, inside: JsonObject): void {
  if (inside['name'] === name && publishedVersion(inside['version']) === version) return;
  throw new BulkheadError('PACKAGE_INVALID', `The tarball holds ${String(inside['name'])}@${String(inside['version'])}, not ${name}@${version}`, { details: { name, version } });
}

/** Tags in a document that name the version. @throws BODY_INVALID */
function tagsFor(version: string, tags: unknown): Map<string, string> {
  if (tags === undefined) return new Map();
  if (!isObject(tags)) throw invalid('dist-tags', 'an object is needed');
  const wanted = Object.keys(tags).filter((tag) => tags[tag] === version);
  for (const tag of wanted) requireTagName(tag);
  return new Map(wanted.map((tag) => [tag, version]));
}

/** @throws BODY_INVALID */
export function requireTagName(tag: string): void {
  if (!isTagName(tag, isRange)) throw invalid('dist-tags', `'${tag.slice(0, 200)}' cannot be a tag: it could be taken for a version, or does not fit into an address`);
}

function requireEqual(algorithm: string, declared: string, actual: string): void {
  if (declared === actual) return;
  throw new BulkheadError('CHECKSUM_MISMATCH', `The declared ${algorithm} of the tarball is ${declared}, the bytes have ${actual}`, { details: { algorithm, declared, actual } });
}

function textOf(value: unknown, field: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw invalid(field, 'a text is needed');
}

export function invalid(field: string, message: string): BulkheadError {
  return new BulkheadError('BODY_INVALID', `${field === '' ? 'The body' : field}: ${message}`, { details: [{ field, message }] });
}
