import { createHash } from 'node:crypto';
import { cacheKeys } from '../cluster/cache-keys.ts';
import type { ReadKey } from '../cluster/ports.ts';
import type { ComputedContent } from '../formats/index.ts';
import { findFile, type StoredFile } from '../metadata/artifacts.ts';
import { authorize, authorizeOneOf, mayRead } from '../security/authorize.ts';
import type { Principal } from '../security/principal.ts';
import { confirmRights } from '../security/proof.ts';
import { artifactNotFound, type Content } from './content.ts';
import { documentAt } from './documents.ts';
import { membersFor } from './members.ts';
import { remoteOf } from './remote-settings.ts';
import { acceptsPath, readRepository, type Repository } from './repository.ts';
import { sha512Of } from './sha512.ts';
import { sidecarOf, type Sidecar } from './sidecar.ts';
import type { Arrival } from './upstream/arrival.ts';
import { bytesOf, obtain } from './upstream/obtain.ts';
import { readRemoteState, verdictOf } from './upstream/remote-state.ts';

/** What stands at a path. `repository` is the one that has it: a member, when a virtual one was asked. */
export type Resolved =
  /** a stored file */
  | { readonly kind: 'file'; readonly repository: Repository; readonly file: StoredFile; /** upstream could not be asked whether it is still so */ readonly stale: boolean }
  /** text that is made of metadata, or of what upstream sent */
  | { readonly kind: 'text'; readonly repository: Repository; readonly mimeType: string; readonly content: ComputedContent; readonly stale: boolean }
  /** a file that is on its way from upstream; it is kept at the same time */
  | { readonly kind: 'arriving'; readonly repository: Repository; readonly arrival: Arrival }
  /** `repository` is the one that was asked */
  | { readonly kind: 'nothing'; readonly repository: Repository };

export interface ResolveOptions {
  /** waits for the end of a body that is on its way from upstream */
  readonly whole?: boolean;
}

/** What a snapshot found: the answer, or what has to be asked for outside of it. */
type Found =
  | Resolved
  | { readonly kind: 'document'; readonly repository: Repository }
  | { readonly kind: 'ask'; readonly repository: Repository; readonly remotes: readonly Repository[] };

/**
 * Resolves a path of a repository of any class for a reader; hot paths cost no statement. This is the one way to read, for all formats.
 * @throws REPOSITORY_NOT_FOUND, what `authorize` throws, and what an upstream failed with that has `hardFail`
 */
export async function resolve(content: Content, principal: Principal, repositoryKey: string, path: string, options: ResolveOptions = {}): Promise<Resolved> {
  const sidecar = sidecarOf(path);
  // a checksum is for whoever may read what it belongs to; a path may name a folder without a slash at its end
  const target = sidecar?.target ?? path;
  const asFile = authorizeOneOf(principal, 'read', repositoryKey, target, [target, asFolder(target)]) === target;
  const found = await content.session.coherence.snapshot(async (read) => {
    // rights and content belong together: who was shut out before the content was written must not read it
    await confirmRights(read, principal);
    return lookUp(read, content.addresses.root, principal, repositoryKey, target);
  });
  if (!asFile && found.kind !== 'nothing') authorize(principal, 'read', repositoryKey, target);
  const whole = sidecar !== null || options.whole === true;
  const resolved = await complete(content, principal, found, target, whole);
  if (sidecar === null || resolved.kind === 'nothing') return resolved;
  return {
    kind: 'text', repository: resolved.repository, mimeType: 'application/x-checksum', stale: resolved.kind !== 'arriving' && resolved.stale,
    content: { bytes: Buffer.from(await checksumOf(content, resolved, sidecar)), modifiedAt: modifiedAt(resolved) },
  };
}

/** A whole text or file at a path, for a format that works with its bytes; undefined when there is none. */
export async function documentOf(content: Content, principal: Principal, repositoryKey: string, path: string): Promise<
  { readonly repository: Repository; readonly mimeType: string; readonly content: ComputedContent; readonly stale: boolean } | undefined
> {
  const found = await resolve(content, principal, repositoryKey, path, { whole: true });
  if (found.kind === 'nothing') return undefined;
  if (found.kind === 'text') return found;
  const { repository } = found;
  const mimeType = found.kind === 'file' ? found.file.mimeType : found.arrival.head.mimeType;
  const stale = found.kind === 'file' && found.stale;
  return { repository, mimeType, stale, content: { bytes: await bytesOf(content, repository, found), modifiedAt: modifiedAt(found) } };
}

function asFolder(path: string): string {
  return path === '' || path.endsWith('/') ? path : `${path}/`;
}

async function lookUp(read: ReadKey, root: string, principal: Principal, repositoryKey: string, path: string): Promise<Found> {
  const repository = await readRepository(read, repositoryKey);
  const { format, rclass } = repository;
  const members = await membersFor(read, principal, repository, path);
  const computed = format.computed(repository, path);
  if (computed !== null && (rclass === 'local' || rclass === 'trash') && members.length > 0) {
    const content = await read(computed.key, (db) => computed.compute(db, root));
    return content === undefined ? { kind: 'nothing', repository } : { kind: 'text', repository, mimeType: computed.mimeType, content, stale: false };
  }
  // made of several parts, some of which may have to be fetched first
  const rewrites = rclass === 'remote' && format.remote?.document !== undefined && format.remote.sourceOf?.(path) !== undefined;
  if (members.length > 0 && (computed !== null || rewrites)) return { kind: 'document', repository };
  // of a member that has nothing, or could not be asked, clients are told so
  if (members.length === 0 && rclass === 'virtual' && computed !== null && acceptsPath(repository, path)) {
    const content = format.empty?.(path);
    if (content !== undefined) return { kind: 'text', repository, mimeType: computed.mimeType, content, stale: false };
  }
  // a folder is listed from what is here; an upstream has no file of that name
  if (path === '' || path.endsWith('/')) return { kind: 'nothing', repository };
  for (const member of members) {
    if (member.rclass === 'remote') continue;
    const file = await read(cacheKeys.artifact(member.id, path), (db) => findFile(db, member.id, path));
    if (file !== undefined) return { kind: 'file', repository: member, file, stale: false };
  }
  for (const member of members) {
    const file = member.rclass === 'remote' ? undefined : await standInFor(read, root, principal, member, path);
    if (file !== undefined) return { kind: 'file', repository: member, file, stale: false };
  }
  const remotes: Repository[] = [];
  for (const member of members) {
    if (member.rclass !== 'remote') continue;
    const state = await readRemoteState(read, member, path);
    const verdict = verdictOf(member, state);
    if (verdict === 'fresh' && state.file !== undefined) return { kind: 'file', repository: member, file: state.file, stale: false };
    if (verdict !== 'missing') remotes.push(member);
  }
  return remotes.length === 0 ? { kind: 'nothing', repository } : { kind: 'ask', repository, remotes };
}

/** The file that stands for the one at a path, in the words of the format. */
async function standInFor(read: ReadKey, root: string, principal: Principal, member: Repository, path: string): Promise<StoredFile | undefined> {
  const standIn = member.format.standIn?.(member, path) ?? null;
  if (standIn === null) return undefined;
  const { document } = standIn;
  const content = await read(document.key, (db) => document.compute(db, root));
  const other = content === undefined ? undefined : standIn.pathIn(content);
  if (other === undefined || !acceptsPath(member, other) || !mayRead(principal, member.key, other)) return undefined;
  return read(cacheKeys.artifact(member.id, other), (db) => findFile(db, member.id, other));
}

async function complete(content: Content, principal: Principal, found: Found, path: string, whole: boolean): Promise<Resolved> {
  if (found.kind === 'document') return documentAt(content, principal, found.repository, path);
  if (found.kind !== 'ask') return found;
  let failure: Error | undefined;
  for (const remote of found.remotes) {
    const obtained = await obtain(content, principal, remote, path, whole);
    if (obtained.kind === 'file') return { kind: 'file', repository: remote, file: obtained.file, stale: obtained.stale };
    if (obtained.kind === 'arriving') return { kind: 'arriving', repository: remote, arrival: obtained.arrival };
    if (obtained.failure !== undefined && remoteOf(remote).hardFail) failure ??= obtained.failure;
  }
  if (failure !== undefined) throw failure;
  return { kind: 'nothing', repository: found.repository };
}

async function checksumOf(content: Content, found: Exclude<Resolved, { kind: 'nothing' }>, { algorithm }: Sidecar): Promise<string> {
  if (found.kind === 'text') return createHash(algorithm).update(found.content.bytes).digest('hex');
  if (found.kind === 'arriving') {
    const hash = createHash(algorithm);
    for await (const chunk of found.arrival.read() as AsyncIterable<Buffer>) hash.update(chunk);
    return hash.digest('hex');
  }
  return algorithm === 'sha512' ? sha512Of(content, found.file.blob) : found.file.blob[algorithm];
}

function modifiedAt(found: Exclude<Resolved, { kind: 'nothing' }>): Date {
  if (found.kind === 'file') return found.file.modifiedAt;
  return found.kind === 'text' ? found.content.modifiedAt : found.arrival.head.modifiedAt ?? new Date();
}

/** The file as the database has it now, for a reader whose answer named bytes that are gone. */
export async function resolveAgain(content: Content, repository: Repository, path: string): Promise<StoredFile> {
  const file = await findFile(content.session.db, repository.id, path);
  if (file === undefined) throw artifactNotFound(repository.key, path);
  return file;
}
