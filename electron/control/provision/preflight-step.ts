import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { checks, runChecks, type CheckContext, type CheckResult } from '../preflight/index.ts';
import { asRoot } from './remote-command.ts';
import type { Step, StepContext } from './step.ts';
import type { Surroundings } from './surroundings.ts';
import type { NodeTarget } from './target.ts';

/** What is not cancelled may keep nobody waiting for longer, milliseconds: a mount may hang. */
const toEndMs = 20_000;

/** Every check that must not fail, before anything is changed. Risks have to be among what the target's `acceptWarnings` name. */
export function preflightStep(target: NodeTarget, lookAround: () => Promise<Surroundings>): Step {
  return {
    id: 'preflight', title: 'Check the host',
    probe: [], apply: [], verify: [], undo: [],
    check: async (context) => {
      const around = await lookAround();
      try {
        const results = await runChecks(checks, checkContext(target, context, around), context.signal);
        for (const { id, status, found } of results) context.note(`${status}  ${id}: ${found}`);
        refuseFailed(results);
        refuseRisks(results, target.acceptWarnings);
      } finally {
        await around.close();
      }
    },
  };
}

/** @param host from which the checks get their answers */
export function checkContext(target: NodeTarget | null, host: Pick<StepContext, 'run' | 'runToEnd'>, { others, database, clusterKeyDigest }: Pick<Surroundings, 'others' | 'database' | 'clusterKeyDigest'>): CheckContext {
  return { planned: target, probe: (...argv) => host.run(asRoot(...argv)), probeToEnd: (...argv) => host.runToEnd({ ...asRoot(...argv), timeoutMs: toEndMs }), others, database, clusterKeyDigest };
}

function refuseFailed(results: readonly CheckResult[]): void {
  const failed = results.filter(({ status }) => status === 'failed');
  const [first] = failed;
  if (first === undefined) return;
  throw new BulkheadError('PREFLIGHT_FAILED', failed.map(({ found }) => found).join('; '), {
    details: failed.map(({ id, found, fixes }) => ({ id, found, fixes })),
    ...(first.fixes[0] === undefined ? {} : { hint: first.fixes.join(' Or: ') }),
  });
}

function refuseRisks(results: readonly CheckResult[], accepted: readonly string[]): void {
  const risks = results.filter(({ id, stops }) => stops && !accepted.includes(id));
  if (risks.length === 0) return;
  const names = risks.map(({ id }) => id);
  throw new BulkheadError('WARNINGS_NOT_ACCEPTED', risks.map(({ id, found }) => `${id}: ${found}`).join('; '), {
    details: risks.map(({ id, found, fixes }) => ({ id, found, fixes })),
    hint: `Mend it, or take it on with ${names.map((name) => `--accept ${name}`).join(' ')}. Nothing was changed.`,
  });
}
