import { BulkheadError } from '../../../../server-bundle/contract/index.ts';
import type { RunSummary } from '../../../contract/index.ts';
import type { Step } from '../step.ts';

/**
 * Brings the balancers of the cluster in step, each in a run of its own on its own host. A node that none of them knows serves
 * nobody: joining fails with them. Leaving goes on without them: they find out by their own checks.
 */
export function balancerStep(way: 'join' | 'leave', follow: (signal: AbortSignal) => Promise<readonly RunSummary[]>): Step {
  return {
    id: 'balancers', title: way === 'join' ? 'Add it to the balancers' : 'Take it out of the balancers', probe: [], apply: [], verify: [], undo: [],
    check: async ({ signal, note }) => {
      const runs = await follow(signal);
      if (runs.length === 0) note('this cluster has no balancer');
      for (const { nodeId: host, state, changed } of runs) note(`${host}: ${state}${state === 'done' ? `, ${changed === 0 ? 'nothing to change' : 'changed'}` : ''}`);
      const failed = runs.find(({ state }) => state !== 'done');
      if (failed === undefined || way === 'leave') return;
      throw new BulkheadError('STEP_FAILED', `The balancer on ${failed.nodeId} could not be brought in step: ${failed.failure?.message ?? failed.state}`, {
        hint: `${failed.failure?.hint ?? ''} Its own run: bulkhead run show ${failed.runId.slice(0, 8)}. The node itself serves; resume this run when the balancer is mended.`.trim(),
      });
    },
  };
}
