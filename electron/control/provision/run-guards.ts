import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { listRunStepRows, type RunRow, type State } from '../state/index.ts';
import { currentRelease } from './commands/release.ts';
import { laterRun } from './read-runs.ts';
import type { RemoteHost } from './remote-host.ts';
import type { NodeTarget } from './target.ts';

/** A run that others have built upon on its host would take away what is theirs. Throws RUN_STATE. */
export function refuseOutdated(state: State, row: RunRow): void {
  const later = laterRun(state, row);
  if (later === undefined) return;
  throw new BulkheadError('RUN_STATE', `A later run has changed ${row.nodeId} on this host`, {
    hint: later.kind === 'remove' ? 'The node has been removed since: there is nothing to take back.' : `Roll that one back first:  bulkhead run rollback ${later.runId.slice(0, 8)}   Or take the node away:  bulkhead node remove ${row.nodeId}`,
    details: { later: later.runId },
  });
}

/** A run that others have followed on its host would make what is theirs as it was before: a configuration, a release, a node that was removed. Throws RUN_STATE. */
export function refuseOvertaken(state: State, row: RunRow): void {
  const later = laterRun(state, row);
  if (later === undefined) return;
  throw new BulkheadError('RUN_STATE', `A later run has changed ${row.nodeId} on this host`, {
    hint: `See what that one has done:  bulkhead run show ${later.runId.slice(0, 8)}   What is still missing is done by a run of its own:  bulkhead node ${row.kind === 'remove' ? 'remove' : 'provision'}`,
    details: { later: later.runId },
  });
}

/** A node that an upgrade has given another release is not what the run has made any more. Throws RUN_STATE. */
export async function refuseUpgraded(state: State, runId: string, { nodeId, release }: NodeTarget, host: RemoteHost, signal: AbortSignal): Promise<void> {
  if (!listRunStepRows(state, runId).some(({ step, state: at }) => step === 'current' && at === 'done')) return;
  const [current = '', ...there] = (await host.run(currentRelease(), signal)).stdout.trim().split('\n');
  if (current === '' || current === release.name || !there.includes(release.name)) return;
  throw new BulkheadError('RUN_STATE', `${nodeId} runs ${current}, and this run has installed ${release.name}: an upgrade came after it`, {
    hint: `Roll the upgrade back, or take the node away:  bulkhead node remove ${nodeId}`, details: { current, installed: release.name },
  });
}
