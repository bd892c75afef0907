import { BulkheadError, isBulkheadError } from '../../contract/index.ts';
import { childrenOf, folderExists } from '../../metadata/folders.ts';
import { namesWithManifests, referrersOf, tagsAmong } from '../../metadata/oci-content.ts';
import { listRepositories } from '../../metadata/repositories.ts';
import { authorize } from '../../security/authorize.ts';
import type { Principal } from '../../security/principal.ts';
import { confirmRights } from '../../security/proof.ts';
import type { ManifestFacts } from './manifest.ts';
import { ociIndex } from './media-types.ts';
import { referrersTag, type Digest } from './names.ts';
import { registryPackageTypes } from './package-types.ts';
import { tagFile } from './paths.ts';
import { pullManifest } from './pull.ts';
import { nameUnknown, registryRepository, type Registry, type Scope } from './registry.ts';

/** "Listing Tags", all of them, sorted. Asked of the database each time: a list changes with every push. @throws NAME_UNKNOWN */
export async function listTags(registry: Registry, scope: Scope): Promise<string[]> {
  const { principal, repositoryKey, name } = scope;
  const { session } = registry.content;
  authorize(principal, 'read', repositoryKey, `${name}/`);
  const repository = await registryRepository(registry, repositoryKey);
  await confirmRights(session.coherence.read, principal);
  const children = await childrenOf(session.db, repository.id, `${name}/`);
  if (children.length === 0 && !await folderExists(session.db, repository.id, `${name}/`)) throw nameUnknown(name);
  return tagsAmong(session.db, repository.id, name, children.flatMap((child) => (child.folder ? [child.name] : [])), tagFile);
}

/** Names that hold manifests and may be read, sorted; with the repository's key in front when `repositoryKey` is null. */
export async function listNames(registry: Registry, principal: Principal, repositoryKey: string | null): Promise<string[]> {
  const { session } = registry.content;
  await confirmRights(session.coherence.read, principal);
  if (repositoryKey !== null) {
    const repository = await registryRepository(registry, repositoryKey);
    return readable(principal, repositoryKey, await namesWithManifests(session.db, repository.id));
  }
  const all: string[] = [];
  for (const { id, key, packageType } of await listRepositories(session.db)) {
    if (!registryPackageTypes.includes(packageType)) continue;
    const names = readable(principal, key, await namesWithManifests(session.db, id));
    all.push(...names.map((name) => `${key}/${name}`));
  }
  return all.sort((a, b) => (a < b ? -1 : 1));
}

function readable(principal: Principal, repositoryKey: string, names: readonly string[]): string[] {
  return names.filter((name) => {
    try {
      authorize(principal, 'read', repositoryKey, `${name}/`);
      return true;
    } catch (error) {
      if (isBulkheadError(error, 'FORBIDDEN') || isBulkheadError(error, 'AUTHENTICATION_REQUIRED')) return false;
      throw error;
    }
  });
}

export interface ReferrerDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** "Listing Referrers": whatever names `subject`, which itself need not be there; with what clients keep under the fallback tag. */
export async function listReferrers(registry: Registry, scope: Scope, subject: Digest): Promise<ReferrerDescriptor[]> {
  const { principal, repositoryKey, name } = scope;
  const { session } = registry.content;
  authorize(principal, 'read', repositoryKey, `${name}/`);
  const repository = await registryRepository(registry, repositoryKey);
  await confirmRights(session.coherence.read, principal);
  const rows = await referrersOf(session.db, repository.id, `${name}/_manifests/`, subject.text);
  const found = rows.map(({ path, size, facts }) => described((facts as { oci: ManifestFacts }).oci, path.slice(path.lastIndexOf('/') + 1), size));
  const known = new Set(found.map(({ digest }) => digest));
  return [...found, ...(await underFallbackTag(registry, scope, subject)).filter(({ digest }) => !known.has(digest))];
}

function described({ mediaType, artifactType, annotations }: ManifestFacts, digest: string, size: number): ReferrerDescriptor {
  return { mediaType, digest, size, ...(artifactType === null ? {} : { artifactType }), ...(annotations === null ? {} : { annotations }) };
}

/** "Referrers tag schema": an index that a client keeps by hand, from before the registry had the call. */
async function underFallbackTag(registry: Registry, scope: Scope, subject: Digest): Promise<ReferrerDescriptor[]> {
  const tag = referrersTag(subject);
  try {
    const { source, mediaType } = await pullManifest(registry, scope, { kind: 'tag', tag }, tag);
    if (mediaType !== ociIndex) return [];
    const bytes = source.bytes ?? await read(await source.open());
    const { manifests } = JSON.parse(bytes.toString('utf8')) as { manifests: ReferrerDescriptor[] };
    return manifests;
  } catch (error) {
    if (error instanceof BulkheadError && error.status === 404) return [];
    throw error;
  }
}

async function read(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
