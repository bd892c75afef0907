import { BulkheadError } from '../../contract/index.ts';
import { factsAt, updateFacts } from '../../metadata/artifact-facts.ts';
import { commitOnce } from '../../metadata/commit-once.ts';
import { lockPaths } from '../../metadata/path-locks.ts';
import { projectDistributions } from '../../metadata/pypi-files.ts';
import type { RecordedAnswer } from '../../metadata/request-results.ts';
import type { Content } from '../../repositories/content.ts';
import { earlierAnswer } from '../../repositories/deploy.ts';
import { deploymentKey } from '../../repositories/members.ts';
import { requireUnchanged, whileRepositoryChanges } from '../../repositories/guards.ts';
import { readRepositoryOf } from '../../repositories/require-format.ts';
import { together, touchedByFile } from '../../repositories/touched.ts';
import { authorize } from '../../security/authorize.ts';
import type { Principal } from '../../security/principal.ts';
import { distributionAt } from './file-names.ts';

export interface YankRequest {
  readonly principal: Principal;
  readonly repositoryKey: string;
  /** normalized */
  readonly project: string;
  /** normalized */
  readonly version: string;
  /** names of the files that are meant; undefined for all of the version */
  readonly files: readonly string[] | undefined;
  /** the reason, or true; null takes it back */
  readonly yanked: string | true | null;
  readonly replayKey: string | null;
}

/** Marks files of a version so that installers pass over them unless they are asked for exactly this version (PEP 592). @throws ARTIFACT_NOT_FOUND, REPOSITORY_READ_ONLY */
export async function yank(content: Content, asked: YankRequest): Promise<RecordedAnswer> {
  const { session } = content;
  // of a virtual repository, what is deployed to it is meant
  const request = { ...asked, repositoryKey: await deploymentKey(session.coherence.read, asked.repositoryKey) };
  const { principal, repositoryKey, project, version } = request;
  const folder = `${project}/${version}/`;
  authorize(principal, 'annotate', repositoryKey, folder);
  const recorded = await earlierAnswer(content, request.replayKey);
  if (recorded !== undefined) return recorded;
  return whileRepositoryChanges(async () => {
    const repository = await readRepositoryOf(content, repositoryKey, 'pypi');
    const meant = (await projectDistributions(session.db, repository.id, project)).map(({ path }) => path).filter((path) => isMeant(request, path));
    if (meant.length === 0) throw notFound(request);
    for (const path of meant) authorize(principal, 'annotate', repositoryKey, path);
    return session.coherence.change(together(meant.map((path) => touchedByFile(repository, path))), async () => {
      const { answer } = await commitOnce(session.db, session.incarnation, request.replayKey, async (trx) => {
        await lockPaths(trx, [{ repositoryId: repository.id, path: folder }]);
        await requireUnchanged(trx, repository);
        // what came after the look is not prepared, and stays as it is
        const facts = await factsAt(trx, repository.id, meant);
        const changed: string[] = [];
        for (const path of meant) {
          if (await updateFacts(trx, repository.id, path, marked(facts.get(path), request.yanked))) changed.push(path);
        }
        if (changed.length === 0) throw notFound(request);
        return answerOf(request, changed);
      });
      return answer;
    });
  });
}

function isMeant({ version, files }: YankRequest, path: string): boolean {
  const distribution = distributionAt(path);
  return distribution?.version === version && (files === undefined || files.includes(distribution.fileName));
}

function marked(facts: unknown, yanked: YankRequest['yanked']): Record<string, unknown> {
  const { yanked: _, ...others } = (facts ?? { requiresPython: null, metadata: null }) as Record<string, unknown>;
  return yanked === null ? others : { ...others, yanked };
}

function answerOf({ project, version, yanked }: YankRequest, changed: readonly string[]): RecordedAnswer {
  const files = changed.map((path) => path.slice(path.lastIndexOf('/') + 1));
  const body = { project, version, yanked: yanked !== null, reason: typeof yanked === 'string' ? yanked : null, files };
  return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: JSON.stringify(body) };
}

function notFound({ repositoryKey, project, version }: YankRequest): BulkheadError {
  return new BulkheadError('ARTIFACT_NOT_FOUND', `${repositoryKey} has no such file of ${project} ${version}`);
}
