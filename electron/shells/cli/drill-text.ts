import { distributionOf, type Distribution, type DrillReport } from '../../contract/index.ts';
import { table } from './table.ts';

/** One drill in words. */
export function reportText({ killedNodeId, epochBefore, newMaster, epochAfter, masterAfterMs, probes, restoredAfterMs }: DrillReport): string {
  return `killed        ${killedNodeId}, master of epoch ${epochBefore}
new master    ${newMaster}, epoch ${epochAfter}, after ${Math.round(masterAfterMs)} ms
requests      ${probes.sent} sent, ${probes.failed} failed, slowest ${Math.round(probes.slowestMs)} ms
restored      ${restoredAfterMs === null ? 'no' : `after ${Math.round(restoredAfterMs)} ms`}`;
}

/** Many drills, a line each. */
export function reportTable(drills: readonly DrillReport[]): string {
  return table(
    ['killed', 'epoch', 'new master', 'after ms', 'sent', 'failed', 'slowest ms', 'restored ms'],
    drills.map((drill) => [drill.killedNodeId, drill.epochBefore, drill.newMaster, drill.masterAfterMs, drill.probes.sent, drill.probes.failed, drill.probes.slowestMs, drill.restoredAfterMs]),
  );
}

export interface DrillSummary {
  readonly masterAfterMs: Distribution | null;
  readonly slowestMs: Distribution | null;
  readonly restoredAfterMs: Distribution | null;
  readonly probes: { readonly sent: number; readonly failed: number };
}

/** What they come to, as `--json` tells it. */
export function summary(drills: readonly DrillReport[]): DrillSummary {
  return {
    masterAfterMs: distributionOf(drills.map(({ masterAfterMs }) => masterAfterMs)),
    slowestMs: distributionOf(drills.map(({ probes }) => probes.slowestMs)),
    restoredAfterMs: distributionOf(drills.flatMap(({ restoredAfterMs }) => restoredAfterMs ?? [])),
    probes: { sent: drills.reduce((sum, { probes }) => sum + probes.sent, 0), failed: drills.reduce((sum, { probes }) => sum + probes.failed, 0) },
  };
}

export function summaryTable(drills: readonly DrillReport[]): string {
  const { masterAfterMs, slowestMs, restoredAfterMs, probes } = summary(drills);
  const rows = [['without a master', masterAfterMs], ['slowest request', slowestMs], ['killed node serves again', restoredAfterMs]] as const;
  return `${table(['milliseconds', 'drills', 'p50', 'p99', 'most'], rows.flatMap(([name, of]) => (of === null ? [] : [[name, of.count, of.p50, of.p99, of.max]])))}
${probes.failed} of ${probes.sent} requests failed`;
}
