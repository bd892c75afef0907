import type { ComputedContent, DocumentPart, FormatRepository } from '../format.ts';
import { registryAddress } from './documents.ts';
import { isObject, type JsonObject } from './manifest.ts';
import { packumentOf, plainTarballPath, type PackumentForm } from './paths.ts';
import { distOf, modifiedOf, packumentBytes, parsedPackument, withTarball, type ParsedPackument } from './upstream-packument.ts';
import { compareVersions } from './version-order.ts';

/**
 * A package as a virtual repository has it. A version that several members have is the first one's, and so is a tag: what is published here cannot be
 * replaced, nor its `latest` moved, by a registry elsewhere.
 */
export function mergePackuments(repository: FormatRepository, path: string, parts: readonly DocumentPart[], root: string): ComputedContent {
  const asked = packumentOf(path);
  const first = parts[0];
  if (first === undefined || asked === null) throw new Error('there is nothing to merge');
  const { name, form } = asked;
  const members = parts.map(({ repository: member, content }) => ({ ...parsedPackument(content.bytes, name), from: registryAddress(root, member.key) }));
  const versions = new Map<string, JsonObject>();
  for (const member of members) {
    for (const [version, manifest] of member.versions) {
      if (versions.has(version)) continue;
      const { tarball } = distOf(manifest);
      const file = typeof tarball === 'string' && tarball.startsWith(member.from) ? tarball.slice(member.from.length) : plainTarballPath(name, version);
      versions.set(version, withTarball(manifest, registryAddress(root, repository.key) + file));
    }
  }
  const inOrder = new Map([...versions].sort(([a], [b]) => compareVersions(a, b)));
  return {
    bytes: packumentBytes(name, fieldsOf(members, versions, form), inOrder, form),
    modifiedAt: new Date(Math.max(...parts.map(({ content }) => content.modifiedAt.getTime()))),
  };
}

function fieldsOf(members: readonly ParsedPackument[], versions: ReadonlyMap<string, JsonObject>, form: PackumentForm): JsonObject {
  const [first] = members;
  const united = (field: string): JsonObject => Object.fromEntries(members.toReversed().flatMap(({ fields }) => (isObject(fields[field]) ? Object.entries(fields[field]) : [])));
  const tags = Object.fromEntries(Object.entries(united('dist-tags')).filter(([, version]) => versions.has(String(version))));
  const modified = members.map(modifiedOf).filter((time) => time !== undefined).sort().at(-1);
  if (form === 'abbreviated') return { 'dist-tags': tags, modified };
  const created = members.map(({ fields }) => (isObject(fields['time']) ? fields['time']['created'] : undefined)).filter((time) => typeof time === 'string').sort()[0];
  return {
    ...first?.fields, 'dist-tags': tags,
    time: { ...united('time'), ...(created === undefined ? {} : { created }), ...(modified === undefined ? {} : { modified }) },
  };
}
