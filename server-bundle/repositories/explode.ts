import type { Readable } from 'node:stream';
import { archiveKind, walkArchive, type ArchiveKind, type ArchiveLimits } from '../archives/index.ts';
import { refused } from '../archives/entry-path.ts';
import { BulkheadError, isBulkheadError } from '../contract/index.ts';
import type { Staged } from '../filestore/index.ts';
import type { RecordedAnswer } from '../metadata/request-results.ts';
import { authorize } from '../security/authorize.ts';
import { admitFile } from './admission.ts';
import type { Content } from './content.ts';
import { requireDeclared } from './declared-checksums.ts';
import { earlierAnswer, type DeployRequest } from './deploy.ts';
import { whileRepositoryChanges } from './guards.ts';
import { deploymentKey } from './members.ts';
import { requirePathLength } from './path-segment.ts';
import { placeMany, type DeployOfMany, type FileToPlace, type ManyPlaced } from './place-many.ts';
import { readRepository, type Repository } from './repository.ts';
import { sidecarOf } from './sidecar.ts';

/** `onlyNew`: nothing is deployed when one of the files is there already. */
export type ArchiveDeploy = Omit<DeployRequest, 'packaging'> & Pick<DeployOfMany, 'onlyNew'>;

/**
 * Deploys the files in an archive instead of the archive (`X-Explode-Archive`): into the folder that the address names a file in, all of them or none.
 * Checksum files and documents that the repository computes itself are left out, as they are with single deploys.
 * @param limits of what the archive may hold
 * @throws ARTIFACT_EXISTS for `onlyNew`, ARCHIVE_INVALID, ARCHIVE_ENTRY_REFUSED, ARCHIVE_TOO_LARGE, and what a deploy of each file throws
 */
export async function explode(content: Content, asked: ArchiveDeploy, body: Readable, limits?: ArchiveLimits): Promise<RecordedAnswer> {
  const { session, filestore } = content;
  const repositoryKey = await deploymentKey(session.coherence.read, asked.repositoryKey);
  const request = { ...asked, repositoryKey };
  const { principal, path } = request;
  const kind = archiveKind(path);
  if (kind === null) throw new BulkheadError('ARCHIVE_INVALID', `'${path.slice(path.lastIndexOf('/') + 1)}' does not name an archive that can be unpacked`);
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  authorize(principal, 'deploy', repositoryKey, path);
  const recorded = await earlierAnswer(content, request.replayKey);
  if (recorded !== undefined) return recorded;
  const repository = await readRepository(session.coherence.read, repositoryKey);
  const archive = await filestore.stage(session.incarnation, body);
  const files: FileToPlace[] = [];
  let placed: ManyPlaced | undefined;
  let unsure = false;
  try {
    requireDeclared(request.declared, archive);
    await receive(content, { repository, request, kind, folder, archive, limits }, files);
    placed = await whileRepositoryChanges(async () => {
      const current = await readRepository(session.coherence.read, repositoryKey);
      for (const file of files) admitFile(current, file.path);
      return placeMany(content, current, request, folder, files, answerOf(content, repositoryKey, folder, files));
    });
    return placed.answer;
  } catch (error) {
    unsure = isBulkheadError(error, 'OUTCOME_UNKNOWN');
    throw error;
  } finally {
    await finish(content, archive, files, unsure ? 'unsure' : placed?.used ?? new Set());
  }
}

interface Reception {
  readonly repository: Repository;
  readonly request: ArchiveDeploy;
  readonly kind: ArchiveKind;
  readonly folder: string;
  readonly archive: Staged;
  readonly limits: ArchiveLimits | undefined;
}

/** Receives the files of an archive, each as if it had been sent by itself. @param files what was received so far, also when it fails */
async function receive(content: Content, { repository, request, kind, folder, archive, limits }: Reception, files: FileToPlace[]): Promise<void> {
  const { session, filestore } = content;
  const names = new Set<string>();
  for await (const entry of walkArchive(kind, archive, limits)) {
    const path = `${folder}${entry.path}`;
    requirePathLength(path);
    if (entry.kind === 'folder') continue;
    if (names.has(path)) throw refused(entry.path, 'the archive holds two entries of this name');
    names.add(path);
    if (sidecarOf(path) !== null || repository.format.computed(repository, path) !== null) continue;
    authorizeEntry(request, path);
    admitFile(repository, path);
    files.push({ path, staged: await filestore.stage(session.incarnation, await entry.open()) });
  }
  for (const name of names) requireNoFileAbove(name, names, folder);
}

function authorizeEntry({ principal, repositoryKey, properties }: Reception['request'], path: string): void {
  authorize(principal, 'deploy', repositoryKey, path);
  if (properties !== undefined && properties.size > 0) authorize(principal, 'annotate', repositoryKey, path);
}

function requireNoFileAbove(path: string, names: ReadonlySet<string>, folder: string): void {
  for (let end = path.lastIndexOf('/'); end > folder.length; end = path.lastIndexOf('/', end - 1)) {
    if (names.has(path.slice(0, end))) throw refused(path.slice(folder.length), 'another entry is a file where this one needs a folder');
  }
}

function answerOf({ addresses }: Content, repositoryKey: string, folder: string, files: readonly FileToPlace[]): RecordedAnswer {
  const uri = addresses.artifact(repositoryKey, folder);
  const body = { repo: repositoryKey, path: `/${folder}`, uri, files: files.length, size: files.reduce((sum, { staged }) => sum + staged.size, 0) };
  return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body, null, 2) };
}

async function finish({ log }: Content, archive: Staged, files: readonly FileToPlace[], used: ManyPlaced['used']): Promise<void> {
  const endings = [archive.discard(), ...(used === 'unsure' ? [] : files.map(({ staged }) => (used.has(staged) ? staged.release() : staged.discard())))];
  for (const ended of await Promise.allSettled(endings)) {
    // the answer stands; what is left is found in the staging folder by the sweep of this incarnation
    if (ended.status === 'rejected') log.warn({ err: ended.reason as unknown }, 'a staging file could not be removed');
  }
}
