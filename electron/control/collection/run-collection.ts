import type { Dispatcher } from 'undici';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { askAnyNode, type ClusterAccess } from '../node-api/index.ts';

const lookMs = 200;

/** Has unreferenced blobs collected (or only counted) and waits for the report. Aborting cancels the run in the cluster. */
export async function runCollection(access: ClusterAccess, agent: Dispatcher, dryRun: boolean, signal: AbortSignal): Promise<Record<string, unknown>> {
  const { id } = await askAnyNode(access, agent, (node) => node.collect(dryRun, signal));
  for (;;) {
    const run = await askAnyNode(access, agent, (node) => node.task(id));
    if (run.state === 'succeeded') return { id, dryRun, ...run.report };
    if (run.state === 'cancelled') throw new BulkheadError('CANCELLED', undefined, { details: { id } });
    if (run.state === 'failed') throw new BulkheadError('INTERNAL', 'The collection failed', { details: { id, report: run.report }, hint: 'The log of the master has the details.' });
    if (signal.aborted) {
      await askAnyNode(access, agent, (node) => node.cancelTask(id));
    }
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}
