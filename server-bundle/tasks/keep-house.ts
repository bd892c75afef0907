import type { Reader } from '../cluster/ports.ts';
import { deleteOrphans, expireRequestResults, orphanedRepositories } from '../metadata/collection.ts';
import { pruneLoginFailures } from '../metadata/access/login-failures.ts';
import { pruneAuditEntries } from '../metadata/audit/audit-entries.ts';
import { pruneTokens } from '../metadata/tokens.ts';
import { pruneTaskRuns } from '../metadata/task-runs.ts';
import { pruneClaims } from '../metadata/upstream-claims.ts';
import { pruneMissing } from '../metadata/upstream-entries.ts';
import type { Task, TaskControl } from './task.ts';

const rowsAtOnce = 500;
const slotSeconds = 600;
const keepRunsDays = 30;
/** A token that can be refreshed waits this long after its expiry for somebody to do so. */
const keepRefreshableDays = 90;

/** Rows that nobody needs any more: answers kept for replays, artifacts of deleted repositories, old runs and audit entries, expired tokens. */
export function keepHouse({ replayResultHours, auditDays }: { readonly replayResultHours: number; readonly auditDays: number }): Task {
  return {
    kind: 'housekeeping',
    slotSeconds,
    announced: (report) => Number(report['artifacts']) > 0,
    run: async (_args, control) => {
      const report = { requestResults: 0, artifacts: 0, taskRuns: 0, upstreamEntries: 0, auditEntries: 0, tokens: 0, loginFailures: 0 };
      await repeat(control, report, 'requestResults', (trx) => expireRequestResults(trx, replayResultHours, rowsAtOnce));
      for (const repository of await orphanedRepositories(control.db)) {
        await repeat(control, report, 'artifacts', (trx) => deleteOrphans(trx, repository, rowsAtOnce));
      }
      await repeat(control, report, 'taskRuns', (trx) => pruneTaskRuns(trx, keepRunsDays, rowsAtOnce));
      await repeat(control, report, 'upstreamEntries', (trx) => pruneMissing(trx, rowsAtOnce));
      await control.fenced(pruneClaims);
      await repeat(control, report, 'auditEntries', (trx) => pruneAuditEntries(trx, auditDays, rowsAtOnce));
      await repeat(control, report, 'tokens', (trx) => pruneTokens(trx, keepRefreshableDays, rowsAtOnce));
      await repeat(control, report, 'loginFailures', (trx) => pruneLoginFailures(trx, rowsAtOnce));
      return report;
    },
  };
}

type Counts = Record<'requestResults' | 'artifacts' | 'taskRuns' | 'upstreamEntries' | 'auditEntries' | 'tokens' | 'loginFailures', number>;

/** Short transactions, one after the other, until one finds nothing more. */
async function repeat(control: TaskControl, counts: Counts, name: keyof Counts, batch: (trx: Reader) => Promise<number>): Promise<void> {
  for (;;) {
    const done = await control.fenced(batch);
    if (done === 0) return;
    counts[name] += done;
    await control.step({ ...counts });
  }
}
