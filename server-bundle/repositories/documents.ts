import type { ReadKey } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import type { ComputedContent, DocumentPart } from '../formats/index.ts';
import type { StoredFile } from '../metadata/artifacts.ts';
import type { Principal } from '../security/principal.ts';
import { confirmRights } from '../security/proof.ts';
import type { Content } from './content.ts';
import { mediaTypeOf } from './media-type.ts';
import { membersFor } from './members.ts';
import { remoteOf } from './remote-settings.ts';
import { readRepository, type Repository } from './repository.ts';
import type { Resolved } from './resolve.ts';
import { isUpstreamFailure } from './upstream/failures.ts';
import { bytesOf, obtain, type Obtained } from './upstream/obtain.ts';
import { readRemoteState, verdictOf } from './upstream/remote-state.ts';

/** What one member has of a document. */
type Part =
  | { readonly member: Repository; readonly content: ComputedContent }
  | { readonly member: Repository; readonly file: StoredFile }
  /** has to be asked for */
  | { readonly member: Repository; readonly ask: true };

/**
 * A document of a remote or virtual repository. What remote members may have is brought up to date first; then all parts are read in one
 * snapshot, so that the document belongs to one moment; then they are made into one. Nothing of the result has to be invalidated: it is
 * remembered under its parts.
 */
export async function documentAt(content: Content, principal: Principal, asked: Repository, path: string): Promise<Resolved> {
  const source = asked.format.remote?.sourceOf?.(path) ?? path;
  const told = new Map<number, Obtained>();
  let parts = await partsOf(content, principal, asked, path, source, told);
  const open = parts.filter((part) => 'ask' in part);
  if (open.length > 0) {
    await Promise.all(open.map(async ({ member }) => { told.set(member.id, await obtain(content, principal, member, source, true)); }));
    parts = await partsOf(content, principal, asked, path, source, told);
  }
  const stale = [...told.values()].some((obtained) => obtained.kind === 'file' && obtained.stale);
  const documents = await documentsOf(content, asked, path, parts, told);
  const first = documents[0];
  if (first === undefined) {
    for (const { member } of parts) {
      const obtained = told.get(member.id);
      if (obtained?.kind === 'nothing' && obtained.failure !== undefined && remoteOf(member).hardFail) throw obtained.failure;
    }
    return { kind: 'nothing', repository: asked };
  }
  const mimeType = asked.format.computed(asked, path)?.mimeType ?? mediaTypeOf(path);
  const merges = asked.rclass === 'virtual' && asked.format.merge !== undefined;
  if (!merges) return { kind: 'text', repository: first.member, mimeType, content: first.content, stale };
  return { kind: 'text', repository: asked, mimeType, content: mergedOnce(content, asked, path, documents), stale };
}

/** @param told what upstreams have answered already: they are not asked a second time */
async function partsOf(
  content: Content, principal: Principal, asked: Repository, path: string, source: string, told: ReadonlyMap<number, Obtained>,
): Promise<Part[]> {
  const { session, addresses: { root } } = content;
  return session.coherence.snapshot(async (read) => {
    await confirmRights(read, principal);
    const repository = await readRepository(read, asked.key);
    const parts: Part[] = [];
    for (const member of await membersFor(read, principal, repository, path)) {
      const part = member.rclass === 'remote' ? await remotePart(read, member, source, told.has(member.id)) : await localPart(read, member, path, root);
      if (part !== undefined) parts.push(part);
    }
    return parts;
  });
}

async function localPart(read: ReadKey, member: Repository, path: string, root: string): Promise<Part | undefined> {
  const computed = member.format.computed(member, path);
  const content = computed === null ? undefined : await read(computed.key, (db) => computed.compute(db, root));
  return content === undefined ? undefined : { member, content };
}

async function remotePart(read: ReadKey, member: Repository, source: string, told: boolean): Promise<Part | undefined> {
  const state = await readRemoteState(read, member, source);
  const verdict = verdictOf(member, state);
  if (verdict === 'missing') return undefined;
  if (state.file !== undefined && (told || verdict === 'fresh')) return { member, file: state.file };
  return { member, ask: true };
}

interface MemberDocument { readonly member: Repository; readonly content: ComputedContent }

async function documentsOf(
  content: Content, asked: Repository, path: string, parts: readonly Part[], told: ReadonlyMap<number, Obtained>,
): Promise<MemberDocument[]> {
  const made = await Promise.all(parts.map(async (part): Promise<MemberDocument | undefined> => {
    const { member } = part;
    if ('content' in part) return part;
    const obtained: Obtained | undefined = 'file' in part ? { kind: 'file', file: part.file, stale: false } : told.get(member.id);
    if (obtained === undefined || obtained.kind === 'nothing') return undefined;
    try {
      return { member, content: await rewritten(content, member, path, obtained) };
    } catch (error) {
      // one upstream that sends nonsense must not take the others with it
      if (asked.id === member.id || !isUpstreamFailure(error)) throw error;
      content.log.warn({ err: error, repository: member.key, path }, 'a document of upstream was left out');
      return undefined;
    }
  }));
  return made.filter((document) => document !== undefined);
}

/** What a remote repository answers for a document, made once of the same bytes. */
async function rewritten(content: Content, member: Repository, path: string, obtained: Exclude<Obtained, { kind: 'nothing' }>): Promise<ComputedContent> {
  const { documents } = content.upstreams;
  const { root } = content.addresses;
  const name = obtained.kind === 'file'
    ? JSON.stringify([member.id, member.generation, path, obtained.file.blob.sha256, obtained.file.modifiedAt.getTime(), root])
    : null;
  const present = name === null ? undefined : documents.get(name);
  if (present !== undefined) return present;
  const bytes = await bytesOf(content, member, obtained);
  const modifiedAt = obtained.kind === 'file' ? obtained.file.modifiedAt : obtained.arrival.head.modifiedAt ?? new Date();
  const made = await member.format.remote?.document?.(member, path, { bytes, modifiedAt }, root) ?? { bytes, modifiedAt };
  if (name !== null) documents.set(name, made);
  return made;
}

const identities = new WeakMap<ComputedContent, number>();
let lastIdentity = 0;

/** A part that is kept by a cache is the same object for as long as it is the same document. */
function identityOf(content: ComputedContent): number {
  let identity = identities.get(content);
  if (identity === undefined) {
    lastIdentity += 1;
    identity = lastIdentity;
    identities.set(content, identity);
  }
  return identity;
}

function mergedOnce(content: Content, asked: Repository, path: string, parts: readonly MemberDocument[]): ComputedContent {
  const { documents } = content.upstreams;
  const { root } = content.addresses;
  const name = JSON.stringify([asked.id, asked.generation, path, root, parts.map((part) => [part.member.id, part.member.generation, identityOf(part.content)])]);
  let merged = documents.get(name);
  if (merged === undefined) {
    merged = asked.format.merge?.(asked, path, parts.map(({ member, content: part }): DocumentPart => ({ repository: member, content: part })), root);
    if (merged === undefined) throw new BulkheadError('INTERNAL', `${asked.packageType} merges no documents`);
    documents.set(name, merged);
  }
  return merged;
}
