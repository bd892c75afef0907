import { BulkheadError } from '../../contract/index.ts';
import { abbreviatedManifest, hasInstallScript } from './abbreviated.ts';
import { isObject, type JsonObject } from './manifest.ts';
import type { PackumentForm } from './paths.ts';

/** A packument as it was sent, or as we made it: versions are objects, everything else is as it came. */
export interface ParsedPackument {
  readonly fields: JsonObject;
  readonly versions: ReadonlyMap<string, JsonObject>;
}

/** @throws UPSTREAM_INVALID for what is no packument of this package */
export function parsedPackument(bytes: Buffer, name: string): ParsedPackument {
  let document: unknown;
  try {
    document = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new BulkheadError('UPSTREAM_INVALID', `Upstream sent something else than the packument of ${name}`, { cause: error });
  }
  const given = isObject(document) ? document['name'] ?? document['_id'] : undefined;
  const versions = isObject(document) ? document['versions'] ?? (isUnpublished(document) ? {} : undefined) : undefined;
  if (!isObject(document) || given !== name || !isObject(versions)) throw new BulkheadError('UPSTREAM_INVALID', `Upstream sent something else than the packument of ${name}`);
  return { fields: document, versions: new Map(Object.entries(versions).filter((entry): entry is [string, JsonObject] => isObject(entry[1]))) };
}

/** npm's registry keeps a package that was taken back: when that was, and no versions. Clients say so from `time.unpublished`. */
function isUnpublished({ time }: JsonObject): boolean {
  return isObject(time) && isObject(time['unpublished']);
}

export function distOf(version: JsonObject): JsonObject {
  return isObject(version['dist']) ? version['dist'] : {};
}

/** The version with another address for its tarball. */
export function withTarball(version: JsonObject, tarball: string): JsonObject {
  return { ...version, dist: { ...distOf(version), tarball } };
}

/** A version in the form that is answered: upstream may send more than it was asked for. */
export function versionInForm(version: JsonObject, form: PackumentForm): JsonObject {
  if (form === 'full') return version;
  const { deprecated, dist } = version;
  return {
    ...abbreviatedManifest(version), ...(deprecated === undefined || deprecated === false || deprecated === '' ? {} : { deprecated }),
    ...(hasInstallScript(version) ? { hasInstallScript: true } : {}), ...(dist === undefined ? {} : { dist }),
  };
}

/** When the package last changed, ISO 8601; undefined where it is not told. */
export function modifiedOf({ fields }: ParsedPackument): string | undefined {
  const { modified, time } = fields;
  if (typeof modified === 'string') return modified;
  return isObject(time) && typeof time['modified'] === 'string' ? time['modified'] : undefined;
}

/** Fields in the form that is answered, versions last. */
export function packumentBytes(name: string, fields: JsonObject, versions: ReadonlyMap<string, JsonObject>, form: PackumentForm): Buffer {
  const kept = form === 'full'
    ? Object.fromEntries(Object.entries(fields).filter(([key]) => key !== 'versions' && key !== '_attachments'))
    : { name, 'dist-tags': fields['dist-tags'] ?? {}, ...(typeof fields['modified'] === 'string' ? { modified: fields['modified'] } : {}) };
  return Buffer.from(JSON.stringify({ ...kept, versions: Object.fromEntries(versions) }));
}
