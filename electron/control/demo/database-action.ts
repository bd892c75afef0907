import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { DemoContext } from './demo-context.ts';
import { readLayout } from './layout.ts';
import { sendSignal, waitForEnd } from './process/index.ts';

/** kill: SIGKILL, as a crash would; start: again on its data and port. The caller holds the lock. */
export async function actOnDatabase({ folder, parts }: DemoContext, action: 'kill' | 'start', signal: AbortSignal): Promise<void> {
  const layout = await readLayout(folder);
  if (layout === null) throw new BulkheadError('DEMO_NOT_RUNNING');
  const seen = await parts.registry.find('database');
  const state = seen?.condition ?? 'stopped';
  if ((state === 'stopped') !== (action === 'start')) {
    throw new BulkheadError('DEMO_NODE_STATE', `The database is ${state}: it cannot be asked to ${action}`, { details: { action, state } });
  }
  if (action === 'start') return parts.startDatabase(layout, signal);
  if (seen === null) return;
  await sendSignal(seen, 'SIGKILL');
  await waitForEnd(seen, 5000);
}
