import { drillReport, mostDrills, type DrillHistory, type DrillReport } from '../../contract/index.ts';
import type { Journal } from '../journal/index.ts';

/** How drills stand in the journal, whose entries keep what each of them measured. */
export const drillEntryType = 'failover.drill';

export function drillSentence({ killedNodeId, newMaster, masterAfterMs }: DrillReport): string {
  return `Drill: ${killedNodeId} was killed, ${newMaster} was master after ${masterAfterMs} ms`;
}

/** The drills of a cluster, newest first; entries that an older version wrote in another form are left out. */
export function pastDrills(journal: Journal, clusterId: string): DrillHistory['drills'] {
  return journal.ofType(clusterId, drillEntryType, mostDrills).flatMap(({ at, detail }) => {
    const report = drillReport.safeParse(detail);
    return report.success ? [{ ...report.data, at }] : [];
  });
}
