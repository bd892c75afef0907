import type { Transaction } from 'kysely';
import type { Touched } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import { findFile, type StoredArtifact } from '../metadata/artifacts.ts';
import { commitOnce } from '../metadata/commit-once.ts';
import { artifactsBelow, folderExists } from '../metadata/folders.ts';
import { lockPaths } from '../metadata/path-locks.ts';
import type { RecordedAnswer } from '../metadata/request-results.ts';
import type { Database } from '../metadata/schema.ts';
import { transferArtifacts } from '../metadata/transfer-artifacts.ts';
import { authorize, authorizeEach, authorizeOneOf } from '../security/authorize.ts';
import type { Action, Principal } from '../security/principal.ts';
import { trashRepositoryKey } from '../security/trash-access.ts';
import { admitFile, admitFolder, requireLocal, requireRemovable } from './admission.ts';
import { artifactNotFound, type Content } from './content.ts';
import { earlierAnswer } from './deploy.ts';
import { requireRoom, requireUnchanged, whileRepositoryChanges } from './guards.ts';
import { filesAmong, inspectMoved, needsInspection, requireInspected, type MovedFacts, type Way } from './moved-facts.ts';
import { readRepository, type Repository } from './repository.ts';
import { together, touchedByFile, touchedByFolder } from './touched.ts';

export interface Location {
  readonly repositoryKey: string;
  /** may end in "/" */
  readonly path: string;
}

export interface TransferRequest {
  readonly principal: Principal;
  readonly operation: 'copy' | 'move';
  readonly from: Location;
  readonly to: Location;
  /** only says what would happen */
  readonly dryRun: boolean;
  readonly replayKey: string | null;
}

/** Both paths end in "/" for a folder. */
interface Plan extends Way {
  readonly isFolder: boolean;
}

/** Copies or moves a file, or a folder with everything below it, in one transaction. */
export async function transfer(content: Content, request: TransferRequest): Promise<RecordedAnswer> {
  const { principal, operation, from, to } = request;
  authorizePart(principal, 'read', from);
  if (from.repositoryKey === trashRepositoryKey) throw new BulkheadError('FORBIDDEN', 'What is in the trash can is restored, not copied or moved');
  if (operation === 'move') authorizePart(principal, 'delete', from);
  authorizePart(principal, 'deploy', to);
  const recorded = await earlierAnswer(content, request.replayKey);
  if (recorded !== undefined) return recorded;
  try {
    return await attempt(content, request);
  } catch (error) {
    // the same request may have been carried out by another node since: what it was to move is not there any more then
    const late = error instanceof BulkheadError && error.status < 500 ? await earlierAnswer(content, request.replayKey) : undefined;
    if (late === undefined) throw error;
    return late;
  }
}

function attempt(content: Content, request: TransferRequest): Promise<RecordedAnswer> {
  return whileRepositoryChanges(async () => {
    const plan = await planTransfer(content, request);
    const moved = await lookAhead(content, request, plan);
    if (request.dryRun) return dryRun(content, request, plan);
    return content.session.coherence.change(touchedBy(plan, request.operation), async () => {
      const { answer } = await commitOnce(content.session.db, content.session.incarnation, request.replayKey, (trx) => carryOut(trx, request, plan, moved));
      return answer;
    });
  });
}

/** Before it is known whether a folder is meant; each path that is met is asked for later on (`requireAdmitted`). */
function authorizePart(principal: Principal, action: Action, { repositoryKey, path }: Location): void {
  const plain = path.replace(/\/$/, '');
  const folder = plain === '' ? '' : `${plain}/`;
  authorizeOneOf(principal, action, repositoryKey, path, [plain, folder]);
}

async function planTransfer(content: Content, { from, to }: TransferRequest): Promise<Plan> {
  const { db, coherence } = content.session;
  const source = await readRepository(coherence.read, from.repositoryKey);
  const target = await readRepository(coherence.read, to.repositoryKey);
  requireLocal(target);
  requireRemovable(source);
  const sourcePlain = from.path.replace(/\/$/, '');
  const targetPlain = to.path.replace(/\/$/, '');
  const isFolder = from.path.endsWith('/') || await findFile(db, source.id, from.path) === undefined;
  if (isFolder && !await folderExists(db, source.id, `${sourcePlain}/`)) throw artifactNotFound(from.repositoryKey, from.path);
  // as on a Unix shell: what is copied onto an existing folder goes into it
  const name = sourcePlain.slice(sourcePlain.lastIndexOf('/') + 1);
  const into = targetPlain === '' || to.path.endsWith('/') || await folderExists(db, target.id, `${targetPlain}/`);
  const end = into ? [targetPlain, name].filter((part) => part !== '').join('/') : targetPlain;
  const slash = isFolder ? '/' : '';
  const plan: Plan = { source, target, isFolder, sourcePath: `${sourcePlain}${slash}`, targetPath: `${end}${slash}` };
  if (source.id === target.id && (isFolder ? plan.targetPath.startsWith(plan.sourcePath) : plan.targetPath === plan.sourcePath)) {
    throw inOneAnother(plan.sourcePath, plan.targetPath);
  }
  return plan;
}

function inOneAnother(from: string, to: string): BulkheadError {
  return new BulkheadError('PATH_CONFLICT', 'Source and target are the same, or one lies in the other', { details: { from, to } });
}

function touchedBy({ source, target, isFolder, sourcePath, targetPath }: Plan, operation: 'copy' | 'move'): Touched {
  const of = (repository: Repository, path: string): Touched => (isFolder ? touchedByFolder(repository, path) : touchedByFile(repository, path));
  return together([of(target, targetPath), ...(operation === 'move' ? [of(source, sourcePath)] : [])]);
}

async function carryOut(trx: Transaction<Database>, request: TransferRequest, plan: Plan, moved: MovedFacts): Promise<RecordedAnswer> {
  const { source, target, sourcePath, targetPath } = plan;
  await lockPaths(trx, [{ repositoryId: source.id, path: sourcePath }, { repositoryId: target.id, path: targetPath }]);
  await requireUnchanged(trx, source);
  await requireUnchanged(trx, target);
  const artifacts = await sourceArtifacts(trx, plan);
  await requireAdmitted(trx, request, plan, artifacts);
  if (needsInspection(plan)) requireInspected(artifacts, moved);
  await transferArtifacts(trx, {
    from: { repositoryId: source.id, path: sourcePath }, to: { repositoryId: target.id, path: targetPath },
    artifacts, by: request.principal.name, removeSource: request.operation === 'move', facts: new Map([...moved].map(([path, { facts }]) => [path, facts])),
  });
  return messages(request, plan, artifacts);
}

/** What takes reading bytes is found out before anything is locked, and only for who may do all of it. */
async function lookAhead(content: Content, request: TransferRequest, plan: Plan): Promise<MovedFacts> {
  if (!needsInspection(plan)) return new Map();
  const { db } = content.session;
  const artifacts = await sourceArtifacts(db, plan);
  await requireAdmitted(db, request, plan, artifacts);
  return inspectMoved(content, plan, filesAmong(artifacts));
}

async function dryRun(content: Content, request: TransferRequest, plan: Plan): Promise<RecordedAnswer> {
  const artifacts = await sourceArtifacts(content.session.db, plan);
  await requireAdmitted(content.session.db, request, plan, artifacts);
  return messages(request, plan, artifacts);
}

async function sourceArtifacts(db: Content['session']['db'], plan: Plan): Promise<StoredArtifact[]> {
  const { source, sourcePath, isFolder } = plan;
  if (isFolder) {
    const below = (await artifactsBelow(db, source.id, sourcePath)).filter(({ path }) => !isMadeAnew(plan, path));
    if (below.length === 0) throw artifactNotFound(source.key, sourcePath);
    return below;
  }
  const file = await findFile(db, source.id, sourcePath);
  if (file === undefined) throw artifactNotFound(source.key, sourcePath);
  return [file];
}

/** What a cache keeps of an upstream's lists and indexes does not come along with a folder: the target makes its own. */
function isMadeAnew({ source, target, sourcePath, targetPath }: Plan, path: string): boolean {
  if (source.rclass !== 'remote' || path.endsWith('/')) return false;
  return source.format.remote?.isList?.(path) === true || target.format.computed(target, targetPath + path.slice(sourcePath.length)) !== null;
}

/** What a deploy to each target path would have had to pass, too. */
async function requireAdmitted(
  db: Content['session']['db'], { principal, operation }: TransferRequest, { source, target, sourcePath, targetPath, isFolder }: Plan, artifacts: readonly StoredArtifact[],
): Promise<void> {
  const paths = artifacts.map(({ path }) => path.replace(/\/$/, ''));
  authorizeEach(principal, 'read', source.key, paths);
  if (operation === 'move') authorizeEach(principal, 'delete', source.key, paths);
  authorizeEach(principal, 'deploy', target.key, artifacts.map(({ path }) => (targetPath + path.slice(sourcePath.length)).replace(/\/$/, '')));
  await requireRoom(db, target, targetPath);
  for (const { path, blob } of artifacts) {
    const end = targetPath + path.slice(sourcePath.length);
    // a target above the source may bring a part of it back into the source, where a move would take it away
    if (source.id === target.id && isFolder && end.startsWith(sourcePath)) throw inOneAnother(sourcePath, end);
    if (blob === null) {
      admitFolder(target, end);
      continue;
    }
    admitFile(target, end);
    if (isFolder) await requireRoom(db, target, end);
    if (!target.format.isMutable(end) && await findFile(db, target.id, end) !== undefined) authorize(principal, 'delete', target.key, end);
  }
}

/** Artifactory's answer: messages with a level. */
function messages({ operation, dryRun: dry }: TransferRequest, plan: Plan, artifacts: readonly StoredArtifact[]): RecordedAnswer {
  const { source, target, sourcePath, targetPath } = plan;
  const files = artifacts.filter((artifact) => artifact.blob !== null).length;
  const folders = new Set(artifacts.flatMap(({ path }) => {
    const segments = path.slice(sourcePath.length).split('/').slice(0, -1);
    return segments.map((_, depth) => segments.slice(0, depth + 1).join('/'));
  })).size + (plan.isFolder ? 1 : 0);
  const [doing, done] = operation === 'copy' ? ['copying', 'copied'] : ['moving', 'moved'];
  const message = `${dry ? 'Dry run for ' : ''}${doing} ${source.key}:${sourcePath.replace(/\/$/, '')} to ${target.key}:${targetPath.replace(/\/$/, '')} completed successfully, `
    + `${String(files)} artifacts and ${String(folders)} folders were ${done}`;
  return {
    status: 200, headers: { 'content-type': 'application/vnd.org.jfrog.artifactory.storage.CopyOrMoveResult+json' },
    body: JSON.stringify({ messages: [{ level: 'INFO', message }] }, null, 2),
  };
}
