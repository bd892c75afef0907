import { createHash } from 'node:crypto';
import { cacheKeys } from '../cluster/cache-keys.ts';
import type { ReadKey } from '../cluster/ports.ts';
import type { ComputedContent } from '../formats/index.ts';
import { findFile, type StoredFile } from '../metadata/artifacts.ts';
import { authorize } from '../security/authorize.ts';
import type { Principal } from '../security/principal.ts';
import { confirmRights } from '../security/proof.ts';
import { artifactNotFound, type Content } from './content.ts';
import { readRepository, type Repository } from './repository.ts';
import { sha512Of } from './sha512.ts';
import { sidecarOf, type Sidecar } from './sidecar.ts';

/** What stands at a path: a stored file, or text that is made of metadata. */
export type Resolved =
  | { readonly kind: 'file'; readonly repository: Repository; readonly file: StoredFile }
  | { readonly kind: 'text'; readonly repository: Repository; readonly mimeType: string; readonly content: ComputedContent }
  | { readonly kind: 'nothing'; readonly repository: Repository };

/** Resolves a path for a reader; hot paths cost no statement. @throws REPOSITORY_NOT_FOUND, and what `authorize` throws */
export async function resolve(content: Content, principal: Principal, repositoryKey: string, path: string): Promise<Resolved> {
  authorize(principal, 'read', repositoryKey, path);
  const sidecar = sidecarOf(path);
  const found = await content.session.coherence.snapshot(async (read) => {
    // rights and content belong together: who was shut out before the content was written must not read it
    await confirmRights(read, principal);
    return lookUp(read, content.addresses.root, repositoryKey, sidecar?.target ?? path);
  });
  if (sidecar === null || found.kind === 'nothing') return found;
  return {
    kind: 'text', repository: found.repository, mimeType: 'application/x-checksum',
    content: {
      bytes: Buffer.from(await checksumOf(content, found, sidecar)),
      modifiedAt: found.kind === 'file' ? found.file.modifiedAt : found.content.modifiedAt,
    },
  };
}

async function lookUp(read: ReadKey, root: string, repositoryKey: string, path: string): Promise<Resolved> {
  const repository = await readRepository(read, repositoryKey);
  const computed = repository.format.computed(repository, path);
  if (computed !== null) {
    const content = await read(computed.key, (db) => computed.compute(db, root));
    return content === undefined ? { kind: 'nothing', repository } : { kind: 'text', repository, mimeType: computed.mimeType, content };
  }
  const file = await read(cacheKeys.artifact(repository.id, path), (db) => findFile(db, repository.id, path));
  return file === undefined ? { kind: 'nothing', repository } : { kind: 'file', repository, file };
}

async function checksumOf(content: Content, found: Exclude<Resolved, { kind: 'nothing' }>, { algorithm }: Sidecar): Promise<string> {
  if (found.kind === 'text') return createHash(algorithm).update(found.content.bytes).digest('hex');
  return algorithm === 'sha512' ? sha512Of(content, found.file.blob) : found.file.blob[algorithm];
}

/** The file as the database has it now, for a reader whose answer named bytes that are gone. */
export async function resolveAgain(content: Content, repository: Repository, path: string): Promise<StoredFile> {
  const file = await findFile(content.session.db, repository.id, path);
  if (file === undefined) throw artifactNotFound(repository.key, path);
  return file;
}
