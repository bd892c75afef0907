import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { loadNodeConfig } from '../config/load.ts';
import type { NodeConfig } from '../config/schema.ts';
import {
  BulkheadError, upgradeBegin, upgradeHold, upgradeWrite, type ClusterNode, type ClusterStatus, type DrainNote, type UpgradeRow,
} from '../contract/index.ts';
import { forgetNode } from '../metadata/forget-node.ts';
import { admitNode } from '../metadata/forgotten-nodes.ts';
import { setDesired } from '../metadata/membership.ts';
import { hasSchema, schemaState } from '../metadata/migrator.ts';
import type { Database } from '../metadata/schema.ts';
import { beginUpgrade, listUpgrades, takeUpgrade, wishPause, writeUpgrade } from '../metadata/upgrade-runs.ts';
import { ClusterViewer } from '../node/cluster-view.ts';
import { withDatabase } from './database.ts';
import { say } from './output.ts';

const askAgainMs = 100;
const noFilestore = { path: '', state: 'unavailable', totalBytes: null, freeBytes: null } as const;

/** Members as the database knows them: this process is none of them. */
function viewerOf(config: NodeConfig): ClusterViewer {
  const outside = { ...config, node: { ...config.node, id: '' } };
  return new ClusterViewer({ config: outside, filestoreState: () => noFilestore, ownState: () => 'stopped' });
}

async function withCluster<T>(configFile: string, work: (db: Kysely<Database>, config: NodeConfig) => Promise<T>): Promise<T> {
  const config = await loadNodeConfig(configFile);
  return withDatabase(config, (db) => work(db, config));
}

/** `bulkhead-node cluster status` */
export async function statusCommand(configFile: string): Promise<void> {
  const status = await withCluster(configFile, async (db, config): Promise<ClusterStatus> => ({
    view: await viewerOf(config).view(db), schema: await schemaState(db), runs: await listUpgrades(db),
  }));
  say(true, { ...status }, '');
}

interface Drain {
  readonly nodeId: string;
  readonly by: string;
  readonly deadlineSeconds: number;
  readonly untilSeconds: number | null;
  readonly waitSeconds: number;
  readonly kind: DrainNote['kind'];
  readonly note: string;
}

/** `bulkhead-node cluster drain`. @throws NODE_NOT_FOUND, NOT_SERVING when it does not come to an end in time */
export async function drainCommand(configFile: string, json: boolean, { nodeId, by, deadlineSeconds, untilSeconds, waitSeconds, kind, note }: Drain): Promise<void> {
  const node = await withCluster(configFile, async (db, config) => {
    await setDesired(db, nodeId, 'draining', deadlineSeconds, { untilSeconds, note: { kind, by, note } });
    return untilNode(db, config, nodeId, waitSeconds, 'drained', ({ observed }) => observed === 'drained' || observed === 'stopped' || observed === 'unreachable');
  });
  say(json, { nodeId, observed: node?.observed ?? null, inFlight: node?.inFlight ?? 0 }, `${nodeId} is ${node?.observed ?? 'asked to drain'}.`);
}

/** `bulkhead-node cluster undrain` */
export async function undrainCommand(configFile: string, json: boolean, nodeId: string, waitSeconds: number): Promise<void> {
  const node = await withCluster(configFile, async (db, config) => {
    await setDesired(db, nodeId, 'serving', null);
    return untilNode(db, config, nodeId, waitSeconds, 'serving', ({ observed }) => observed === 'serving');
  });
  say(json, { nodeId, observed: node?.observed ?? null }, `${nodeId} is ${node?.observed ?? 'asked to serve'}.`);
}

async function untilNode(
  db: Kysely<Database>, config: NodeConfig, nodeId: string, waitSeconds: number, wanted: string, so: (node: ClusterNode) => boolean,
): Promise<ClusterNode | undefined> {
  const viewer = viewerOf(config);
  const deadline = performance.now() + waitSeconds * 1000;
  for (;;) {
    const node = (await viewer.view(db)).nodes.find((each) => each.nodeId === nodeId);
    if (waitSeconds === 0 || (node !== undefined && so(node))) return node;
    if (performance.now() > deadline) throw new BulkheadError('NOT_SERVING', `${nodeId} is ${node?.observed ?? 'no member'} and not ${wanted} after ${String(waitSeconds)} s`);
    await delay(askAgainMs);
  }
}

/** `bulkhead-node cluster forget`. @throws NODE_NOT_FOUND, NODE_SERVES */
export async function forgetCommand(configFile: string, json: boolean, nodeId: string, by: string): Promise<void> {
  await withCluster(configFile, (db, config) => forgetNode(db, nodeId, by, config.timing.leaseTtlMs));
  say(json, { nodeId, forgotten: true }, `${nodeId} is forgotten: it may not come back by itself.`);
}

/** `bulkhead-node cluster admit`; does nothing while there is no cluster yet. */
export async function admitCommand(configFile: string, json: boolean, nodeId: string, by: string): Promise<void> {
  const admitted = await withCluster(configFile, async (db) => await hasSchema(db, 3) && admitNode(db, nodeId, by));
  say(json, { nodeId, admitted }, admitted ? `${nodeId} may join again.` : `${nodeId} was not forgotten.`);
}

/** `bulkhead-node cluster run-…`: the record of an upgrade. @throws UPGRADE_RUNNING, UPGRADE_TAKEN_OVER, RUN_NOT_FOUND, RUN_STATE */
export async function runCommand(configFile: string, name: 'begin' | 'take' | 'write' | 'pause'): Promise<void> {
  const given: unknown = JSON.parse(await text(process.stdin));
  const row = await withCluster(configFile, (db): Promise<UpgradeRow> => {
    switch (name) {
      case 'begin': return beginUpgrade(db, upgradeBegin.parse(given));
      case 'take': return takeUpgrade(db, upgradeHold.parse(given));
      case 'write': return writeUpgrade(db, upgradeWrite.parse(given));
      case 'pause': return wishPause(db, upgradeHold.pick({ id: true }).parse(given).id);
    }
  });
  say(true, { ...row }, '');
}
