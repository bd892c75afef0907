import { createHash } from 'node:crypto';
import type { DistTag } from '../../metadata/npm-dist-tags.ts';
import { abbreviatedManifest, hasInstallScript } from './abbreviated.ts';
import { isObject, type JsonObject } from './manifest.ts';
import type { PackumentForm } from './paths.ts';
import type { StoredVersion } from './version-facts.ts';
import { compareVersions, highest } from './version-order.ts';

/** Everything that a packument is made of. */
export interface PackageState {
  readonly name: string;
  /** at least one */
  readonly versions: ReadonlyMap<string, StoredVersion>;
  readonly tags: readonly DistTag[];
}

/** Which version each tag names: those that somebody set and that are there, and always `latest`. */
export function distTags({ versions, tags }: PackageState): Record<string, string> {
  const present = tags.filter(({ version }) => versions.has(version)).map(({ tag, version }): [string, string] => [tag, version]);
  const latest = highest(versions.keys());
  const all = present.some(([tag]) => tag === 'latest') || latest === undefined ? present : [['latest', latest] as [string, string], ...present];
  return Object.fromEntries(all);
}

export function modifiedAt({ versions, tags }: PackageState): Date {
  const times = [...versions.values()].flatMap(({ file, facts }) => [file.modifiedAt.getTime(), facts.deprecationAt === undefined ? 0 : Date.parse(facts.deprecationAt)]);
  return new Date(Math.max(...times, ...tags.map(({ updatedAt }) => updatedAt.getTime())));
}

/** @param files address below which the files of the repository are found, ends in "/" */
export function packumentText(state: PackageState, form: PackumentForm, files: string): string {
  return form === 'full' ? fullText(state, files) : abbreviatedText(state, files);
}

/**
 * The revision that a client has to know to change the package as a whole: made of what the package holds, so that it is the same on
 * every node and changes with every change.
 */
export function revisionOf({ versions, tags }: PackageState): string {
  const hash = createHash('sha256');
  for (const [version, { facts, file }] of versions) hash.update(`${version}\0${file.path}\0${file.blob.sha256}\0${String(file.modifiedAt.getTime())}\0${facts.deprecationAt ?? ''}\0${facts.deprecated ?? ''}\0`);
  for (const { tag, version } of tags) hash.update(`${tag}\0${version}\0`);
  return `${String(versions.size)}-${hash.digest('hex').slice(0, 32)}`;
}

function fullText(state: PackageState, files: string): string {
  const sorted = inOrder(state);
  const tags = distTags(state);
  const latest = state.versions.get(tags['latest'] ?? '') ?? sorted.at(-1)?.[1];
  const manifest = latest === undefined ? {} : parsedManifest(latest);
  const times = sorted.map(([version, { file }]): [string, string] => [version, file.createdAt.toISOString()]);
  const created = times.map(([, time]) => time).sort()[0] ?? '';
  const head = {
    _id: state.name, _rev: revisionOf(state), name: state.name, 'dist-tags': tags,
    time: Object.fromEntries([['created', created], ['modified', modifiedAt(state).toISOString()], ...times]),
    maintainers: [...new Set(sorted.map(([, { file }]) => file.createdBy))].sort().map(person),
    ...rootFields(manifest), readme: latest?.facts.readme ?? '',
  };
  const versions = sorted.map(([version, stored]) => `${JSON.stringify(version)}:${versionText(stored, files)}`);
  return `${JSON.stringify(head).slice(0, -1)},"versions":{${versions.join(',')}}}`;
}

/** As npm shows people. An empty address: without one it prints "undefined", and nobody's is told here. */
function person(name: string): JsonObject {
  return { name, email: '' };
}

/** The manifest as it was published, with what the server adds: text is put together, nothing is parsed. */
function versionText(stored: StoredVersion, files: string): string {
  const { facts, file } = stored;
  const added = {
    _id: `${facts.name}@${facts.version}`, dist: distOf(stored, files), ...deprecatedOf(stored), _npmUser: person(file.createdBy), maintainers: [person(file.createdBy)],
  };
  return `${facts.manifest.slice(0, -1)},${JSON.stringify(added).slice(1)}`;
}

function abbreviatedText(state: PackageState, files: string): string {
  const versions = inOrder(state).map(([version, stored]): [string, JsonObject] => {
    const manifest = parsedManifest(stored);
    return [version, {
      ...abbreviatedManifest(manifest), ...deprecatedOf(stored), ...(hasInstallScript(manifest) ? { hasInstallScript: true } : {}), dist: distOf(stored, files),
    }];
  });
  return JSON.stringify({ name: state.name, 'dist-tags': distTags(state), modified: modifiedAt(state).toISOString(), versions: Object.fromEntries(versions) });
}

function distOf({ facts, file }: StoredVersion, files: string): JsonObject {
  const { integrity, fileCount, unpackedSize } = facts;
  return {
    integrity, shasum: file.blob.sha1, tarball: files + file.path,
    ...(fileCount === undefined ? {} : { fileCount }), ...(unpackedSize === undefined ? {} : { unpackedSize }),
  };
}

function deprecatedOf({ facts }: StoredVersion): JsonObject {
  return facts.deprecated === undefined ? {} : { deprecated: facts.deprecated };
}

function inOrder({ versions }: PackageState): [string, StoredVersion][] {
  return [...versions].sort(([a], [b]) => compareVersions(a, b));
}

/** Of the version that `latest` names. */
export const fieldsOfLatest = ['description', 'keywords', 'author', 'contributors', 'license', 'homepage', 'repository', 'bugs', 'readmeFilename'] as const;

function rootFields(manifest: JsonObject): JsonObject {
  return Object.fromEntries(fieldsOfLatest.flatMap((field) => (manifest[field] === undefined ? [] : [[field, manifest[field]]])));
}

function parsedManifest({ facts }: StoredVersion): JsonObject {
  const manifest: unknown = JSON.parse(facts.manifest);
  return isObject(manifest) ? manifest : {};
}
