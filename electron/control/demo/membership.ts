import { rm } from 'node:fs/promises';
import { asBulkheadError, BulkheadError, type ClusterView } from '../../../server-bundle/contract/index.ts';
import { assertRoomForOneMore } from '../budget/index.ts';
import { askAnyNode } from '../node-api/index.ts';
import { writeConfigs } from './configs.ts';
import { ensureSecrets } from './credentials.ts';
import type { DemoContext } from './demo-context.ts';
import { readLayout, writeLayout, type DemoLayout } from './layout.ts';
import { findFreePorts } from './ports.ts';
import { endProcess } from './stop-parts.ts';

const maxNodes = 9;
/** Longest drain of a node that is removed. */
const drainSeconds = 20;

/** Adds a node to the running cluster and waits until it serves. Nothing is started when the budget has no room for it. */
export async function addNode(context: DemoContext, signal: AbortSignal): Promise<{ nodeId: string }> {
  const layout = await existing(context);
  const view = await askAnyNode(context.access, context.environment.agent, (node) => node.view(signal));
  assertRoomForOneMore(view.database);
  if (layout.nodes.length >= maxNodes) {
    throw new BulkheadError('DEMO_NODE_STATE', `The demo holds ${maxNodes} nodes at most`, { details: { nodes: layout.nodes.length } });
  }
  const [port = 0] = await findFreePorts(1);
  const node = { nodeId: `node-${layout.nextNode}`, port };
  const changed = { ...layout, nodes: [...layout.nodes, node], nextNode: layout.nextNode + 1 };
  try {
    await apply(context, changed);
    const identity = await context.parts.launchNode(node.nodeId);
    await context.parts.untilNodeServes(node, identity, signal);
    return { nodeId: node.nodeId };
  } catch (error) {
    const seen = await context.parts.registry.find(node.nodeId);
    if (seen !== null) await endProcess(seen, 2000);
    await forget(context, { ...layout, nextNode: changed.nextNode }, node.nodeId);
    throw error;
  }
}

/** Drains a node, ends it, and takes it out of the configuration; the balancer notices by itself. */
export async function removeNode(context: DemoContext, nodeId: string, signal: AbortSignal): Promise<void> {
  const layout = await existing(context);
  if (layout.nodes.length === 1) {
    throw new BulkheadError('DEMO_NODE_STATE', `${nodeId} is the last node`, { details: { nodeId }, hint: 'Stop the demo instead.' });
  }
  const seen = await context.parts.registry.find(nodeId);
  if (seen?.condition === 'running') await drain(context, nodeId, signal);
  if (seen !== null) await endProcess(seen, 5000);
  await forget(context, { ...layout, nodes: layout.nodes.filter((node) => node.nodeId !== nodeId) }, nodeId);
}

/** A cluster that cannot be asked (no database, say) does not keep a node from being removed: it then goes without the notice. */
async function drain({ access, environment }: DemoContext, nodeId: string, signal: AbortSignal): Promise<void> {
  const ask = <T>(question: (view: ClusterView) => T): Promise<T> =>
    askAnyNode(access, environment.agent, async (node) => question(await node.view(signal)));
  try {
    await askAnyNode(access, environment.agent, (node) => node.drain(nodeId, drainSeconds, signal));
    const end = performance.now() + (drainSeconds + 2) * 1000;
    const left = new Set(['drained', 'stopped', 'unreachable']);
    while (performance.now() < end) {
      const observed = await ask((view) => view.nodes.find((node) => node.nodeId === nodeId)?.observed ?? 'stopped');
      if (left.has(observed)) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } catch (error) {
    if (asBulkheadError(error).code === 'CANCELLED') throw error;
  }
}

async function existing({ folder }: DemoContext): Promise<DemoLayout> {
  const layout = await readLayout(folder);
  if (layout === null) throw new BulkheadError('DEMO_NOT_RUNNING');
  return layout;
}

async function apply({ folder }: DemoContext, layout: DemoLayout): Promise<void> {
  await writeLayout(folder, layout);
  await writeConfigs(folder, layout, await ensureSecrets(folder));
}

async function forget(context: DemoContext, layout: DemoLayout, nodeId: string): Promise<void> {
  await context.parts.registry.forget(nodeId);
  await apply(context, layout);
  await rm(context.folder.configFile(nodeId), { force: true });
}
