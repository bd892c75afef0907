import { BulkheadError, isBulkheadError } from '../../contract/index.ts';
import { folderContents } from '../../metadata/folders.ts';
import { namesWithManifests, referrersOf, tagsAmong } from '../../metadata/oci-content.ts';
import { listRepositories } from '../../metadata/repositories.ts';
import { membersFor } from '../../repositories/members.ts';
import type { Repository } from '../../repositories/repository.ts';
import { authorize, readableItems } from '../../security/authorize.ts';
import type { Principal } from '../../security/principal.ts';
import { confirmRights, proofOf } from '../../security/proof.ts';
import { loginOnly } from './asked-scopes.ts';
import type { ManifestFacts } from './manifest.ts';
import { ociIndex } from './media-types.ts';
import { referrersTag, type Digest } from './names.ts';
import { registryPackageTypes } from './package-types.ts';
import { inListOrder } from './paging.ts';
import { tagFile } from './paths.ts';
import { manifestBytes, pullManifest } from './pull.ts';
import { nameUnknown, registryRepository, type Registry, type Scope } from './registry.ts';
import { descriptorsIn, referrersUpstream, tagsUpstream, type ReferrerDescriptor } from './upstream-lists.ts';

/** "Listing Tags", all of them, sorted; of a virtual repository those of its members. @throws NAME_UNKNOWN */
export async function listTags(registry: Registry, scope: Scope): Promise<string[]> {
  const { name } = scope;
  const tags = new Set<string>();
  let known = false;
  for (const member of await members(registry, scope)) {
    const found = member.rclass === 'remote' ? await tagsUpstream(registry, scope, member.key) : undefined;
    const own = found ?? await ownTags(registry, member, name);
    if (own === undefined) continue;
    known = true;
    for (const tag of own) tags.add(tag);
  }
  if (!known) throw nameUnknown(name);
  return [...tags].sort(inListOrder);
}

/** Asked of the database each time: a list changes with every push. Undefined when nothing is below the name. */
async function ownTags({ content: { session } }: Registry, { id }: Repository, name: string): Promise<string[] | undefined> {
  const { children } = await folderContents(session.db, id, `${name}/`);
  if (children.length === 0) return undefined;
  return tagsAmong(session.db, id, name, children.flatMap((child) => (child.folder ? [child.name] : [])), tagFile);
}

/** The local and remote repositories that may answer for a name. */
async function members(registry: Registry, { principal, repositoryKey, name }: Scope): Promise<Repository[]> {
  const { session } = registry.content;
  authorize(principal, 'read', repositoryKey, `${name}/`);
  const repository = await registryRepository(registry, repositoryKey);
  await confirmRights(session.coherence.read, principal);
  return membersFor(session.coherence.read, principal, repository, `${name}/`);
}

/**
 * Names that hold manifests and may be read, sorted; with the repository's key in front when `repositoryKey` is null.
 * @throws FORBIDDEN for a token that was made for a login alone
 */
export async function listNames(registry: Registry, principal: Principal, repositoryKey: string | null): Promise<string[]> {
  const { session } = registry.content;
  await confirmRights(session.coherence.read, principal);
  if (repositoryKey !== null) {
    const repository = await registryRepository(registry, repositoryKey);
    const lists = await Promise.all((await membersFor(session.coherence.read, principal, repository, '')).map(({ id }) => namesWithManifests(session.db, id)));
    return readable(principal, repositoryKey, [...new Set(lists.flat())].sort(inListOrder));
  }
  const registries = (await listRepositories(session.db)).filter(({ packageType }) => registryPackageTypes.includes(packageType));
  // an empty list would be taken for the truth: podman asks so first, and for a token with the scope when it hears that this one does not do
  if (registries.length > 0 && showsLoginOnly(principal)) throw new BulkheadError('FORBIDDEN', 'The token is not good for the catalog');
  const all: string[] = [];
  for (const { id, key } of registries) {
    const names = readable(principal, key, await namesWithManifests(session.db, id));
    all.push(...names.map((name) => `${key}/${name}`));
  }
  return all.sort(inListOrder);
}

function showsLoginOnly(principal: Principal): boolean {
  const proof = proofOf(principal);
  return proof?.kind === 'derived' && proof.scope.only?.every(({ repository }) => repository === loginOnly.repository) === true;
}

function readable(principal: Principal, repositoryKey: string, names: readonly string[]): string[] {
  return readableItems(principal, repositoryKey, names, (name) => `${name}/`);
}

/** "Listing Referrers": whatever names `subject`, which itself need not be there; with what clients keep under the fallback tag. */
export async function listReferrers(registry: Registry, scope: Scope, subject: Digest): Promise<ReferrerDescriptor[]> {
  const found = new Map<string, ReferrerDescriptor>();
  for (const member of await members(registry, scope)) {
    const own = member.rclass === 'remote' ? await referrersUpstream(registry, scope, member.key, subject) : await ownReferrers(registry, member, scope.name, subject);
    for (const each of own) found.set(each.digest, found.get(each.digest) ?? each);
  }
  for (const each of await underFallbackTag(registry, scope, subject)) found.set(each.digest, found.get(each.digest) ?? each);
  return [...found.values()];
}

async function ownReferrers({ content: { session } }: Registry, { id }: Repository, name: string, subject: Digest): Promise<ReferrerDescriptor[]> {
  const rows = await referrersOf(session.db, id, `${name}/_manifests/`, subject.text);
  return rows.map(({ path, size, facts }) => described((facts as { oci: ManifestFacts }).oci, path.slice(path.lastIndexOf('/') + 1), size));
}

function described({ mediaType, artifactType, annotations }: ManifestFacts, digest: string, size: number): ReferrerDescriptor {
  return { mediaType, digest, size, ...(artifactType === null ? {} : { artifactType }), ...(annotations === null ? {} : { annotations }) };
}

/** "Referrers tag schema": an index that a client keeps by hand, from before the registry had the call. */
async function underFallbackTag(registry: Registry, scope: Scope, subject: Digest): Promise<ReferrerDescriptor[]> {
  const tag = referrersTag(subject);
  try {
    const { found, mediaType } = await pullManifest(registry, scope, { kind: 'tag', tag }, tag);
    return mediaType === ociIndex ? descriptorsIn(await manifestBytes(registry, found)) : [];
  } catch (error) {
    if (isBulkheadError(error, 'MANIFEST_UNKNOWN')) return [];
    throw error;
  }
}
