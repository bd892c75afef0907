import type { DemoContext } from './demo-context.ts';
import { readLayout } from './layout.ts';
import { forgetRunState } from './run-state.ts';
import { clearLeftovers, endDatabase, endProcess } from './stop-parts.ts';

/** Longest drain of a node before it is ended by force. */
const drainPatienceMs = 25_000;

/** Stops balancer, nodes (drained) and database, in this order; the caller holds the lock. Harmless when nothing runs. */
export async function stopCluster({ folder, parts, progress }: DemoContext): Promise<void> {
  await forgetRunState(folder);
  const live = (await parts.registry.see()).filter((seen) => seen.condition !== 'stopped');
  progress.reach('balancer');
  await Promise.all(live.filter((seen) => seen.kind === 'balancer').map((seen) => endProcess(seen, 8000)));
  progress.reach('nodes');
  await Promise.all(live.filter((seen) => seen.kind === 'node').map((seen) => endProcess(seen, drainPatienceMs)));
  progress.reach('database');
  for (const seen of live) if (seen.kind === 'database') await endDatabase(folder, seen);
  const layout = await readLayout(folder);
  if (layout !== null) await clearLeftovers(folder, parts.registry, ['balancer', ...layout.nodes.map((node) => node.nodeId)]);
}
