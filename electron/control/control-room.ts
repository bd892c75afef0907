import { BulkheadError } from '../../server-bundle/contract/index.ts';
import type { CallContext, ClusterSummary, Handlers, Topology } from '../contract/index.ts';
import type { AlertsDesk } from './alerts-desk.ts';
import type { BalancerDesk } from './balancer-desk.ts';
import { explainBudget } from './budget/index.ts';
import { runCollection } from './collection/index.ts';
import type { DemoDesk } from './demo-desk.ts';
import { drill, handOver } from './failover/index.ts';
import { demoClusterId, type Fleet } from './fleet/index.ts';
import type { HostsDesk } from './hosts-desk.ts';
import type { Journal } from './journal/index.ts';
import type { LanDesk } from './lan-desk.ts';
import { followLog } from './logs/index.ts';
import { askAnyNode, type ClusterAccess } from './node-api/index.ts';
import type { SecretStore } from './secrets/index.ts';
import { summarize, type ClusterWatch } from './supervise/index.ts';
import { supervisionHandlers } from './supervision-desk.ts';
import type { RotationDesk } from './rotation-desk.ts';
import type { UpgradeDesk } from './upgrade-desk.ts';
import type { Dispatcher } from 'undici';

export interface ControlRoomParts {
  readonly shell: 'desktop' | 'console' | 'cli';
  readonly version: string;
  readonly stateDir: string;
  readonly fleet: Fleet;
  readonly journal: Journal;
  readonly secrets: SecretStore;
  readonly desk: DemoDesk;
  readonly hosts: HostsDesk;
  readonly lan: LanDesk;
  readonly alerts: AlertsDesk;
  readonly balancers: BalancerDesk;
  readonly upgrades: UpgradeDesk;
  readonly rotation: RotationDesk;
  readonly agent: Dispatcher;
}

/** Every operation of the contract, each a line or two that hands on to the folder that knows. */
export function createHandlers({ shell, version, stateDir, fleet, journal, secrets, desk, hosts, lan, alerts, balancers, upgrades, rotation, agent }: ControlRoomParts): Handlers {
  const watchOf = (clusterId: string): ClusterWatch => {
    const cluster = fleet.get(clusterId);
    if (cluster.clusterId !== demoClusterId) throw new BulkheadError('CLUSTER_NOT_FOUND', `"${cluster.name}" cannot be reached from this version`);
    return desk.watch;
  };
  const accessTo = (clusterId: string): ClusterAccess => watchOf(clusterId).access;
  /** What a person did to a cluster, once it is done. */
  const note = (clusterId: string, type: string, nodeId: string | null, message: string, { caller }: CallContext, detail: Record<string, unknown> = {}): void => {
    journal.write({ clusterId, source: 'operator', severity: 'info', type, nodeId, message, detail: { ...detail, by: caller } });
  };
  const summaries = (): ClusterSummary[] => [summarize(desk.watch.topology.value)];

  return {
    ...hosts.handlers,
    ...lan.handlers,
    ...rotation.handlers,
    ...upgrades.handlers,
    ...supervisionHandlers,
    ...alerts.handlers,
    ...balancers.handlers,
    'app.info': () => Promise.resolve({ version, shell, platform: `${process.platform}-${process.arch}`, stateDir, secrets: secrets.protection }),
    'clusters.list': () => Promise.resolve(summaries()),
    'clusters.watch': (_, { signal }) => watchSummaries(desk, summaries, signal),

    'demo.plan': (options) => desk.plan(options),
    'demo.start': (options, context) => desk.start(options, context),
    'demo.stop': async (_, context) => { await desk.stop(context); return {}; },
    'demo.reset': async (_, context) => { await desk.reset(context); return {}; },
    'demo.progress': (_, { signal }) => desk.progress(signal),
    'demo.describe': () => desk.demo.describe(),
    'demo.node': async ({ nodeId, action }, context) => { await desk.actOnNode(nodeId, action, context); return {}; },
    'demo.addNode': (_, context) => desk.addNode(context),
    'demo.resetPassword': (_, context) => desk.resetPassword(context),
    'demo.database': async ({ action }, context) => { await desk.actOnDatabase(action, context); return {}; },

    'topology.watch': ({ clusterId }, { signal }) => watchTopology(desk, watchOf(clusterId), signal),
    'node.drain': async ({ clusterId, nodeId, deadlineSeconds }, context) => {
      await askAnyNode(accessTo(clusterId), agent, (node) => node.drain(nodeId, deadlineSeconds, context.signal));
      note(clusterId, 'node.drain', nodeId, `${nodeId} was asked to drain`, context, { deadlineSeconds });
      desk.watch.refresh();
      return {};
    },
    'node.undrain': async ({ clusterId, nodeId }, context) => {
      await askAnyNode(accessTo(clusterId), agent, (node) => node.undrain(nodeId, context.signal));
      note(clusterId, 'node.undrain', nodeId, `${nodeId} was asked to serve again`, context);
      desk.watch.refresh();
      return {};
    },
    'node.log': ({ clusterId, nodeId }, { signal }) => {
      if (!watchOf(clusterId).topology.value.nodes.some((node) => node.nodeId === nodeId)) throw new BulkheadError('NODE_NOT_FOUND', undefined, { details: { nodeId } });
      return followLog(desk.demo.folder.logFile(nodeId), signal);
    },

    'budget.explain': async ({ clusterId }, { signal }) => {
      const { asOf, database } = await askAnyNode(accessTo(clusterId), agent, (node) => node.view(signal));
      return explainBudget(asOf, database);
    },

    'failover.history': async ({ clusterId }, { signal }) => {
      const { asOf, epochs } = await askAnyNode(accessTo(clusterId), agent, (node) => node.epochs(100, signal));
      return { asOf, epochs };
    },
    'failover.handOver': async ({ clusterId, to }, context) => {
      const next = await handOver(accessTo(clusterId), agent, to, context.signal);
      note(clusterId, 'failover.handOver', next.nodeId, `The mastership was handed over to ${next.nodeId} (epoch ${next.epoch})`, context, { ...next });
      desk.watch.refresh();
      return next;
    },
    'failover.drill': async ({ clusterId }, context) => {
      const { balancer } = await desk.demo.describe();
      const quiet = new AbortController().signal;
      const report = await drill(accessTo(clusterId), agent, {
        balancerUrl: balancer,
        kill: (nodeId) => {
          desk.watch.noteAct(nodeId, 'killed in a drill');
          return desk.demo.killNode(nodeId, context.caller, context.signal);
        },
        // what the drill broke is mended also when nobody waits for its end any more
        restore: (nodeId) => desk.demo.actOnNode(nodeId, 'start', context.caller, quiet),
      }, context.signal);
      note(clusterId, 'failover.drill', report.killedNodeId, `Drill: ${report.killedNodeId} was killed, ${report.newMaster} was master after ${report.masterAfterMs} ms`, context, { ...report });
      return report;
    },

    'gc.run': async ({ clusterId, dryRun }, context) => {
      const report = await runCollection(accessTo(clusterId), agent, dryRun, context.signal);
      note(clusterId, 'gc.run', null, dryRun ? 'A dry run of the collection was made' : 'A collection was run', context, report);
      return report;
    },

    'journal.list': (query) => Promise.resolve(journal.list(query)),
    'journal.watch': ({ clusterId }, { signal }) => journal.watch(clusterId, signal),
  };
}

/** The picture of the demo, also after a start has moved it to another folder. */
async function* watchTopology(desk: DemoDesk, first: ClusterWatch, signal: AbortSignal): AsyncGenerator<Topology> {
  let watch = first;
  while (!signal.aborted) {
    yield* watch.watch(signal);
    // ended without the signal: the folder has changed, or the control room closes
    if (desk.watch === watch) return;
    watch = desk.watch;
  }
}

/** The list whenever a line of it changes. */
async function* watchSummaries(desk: DemoDesk, summaries: () => ClusterSummary[], signal: AbortSignal): AsyncGenerator<ClusterSummary[]> {
  let told = '';
  while (!signal.aborted) {
    const { watch } = desk.current.value;
    const moved = new AbortController();
    void untilMoved(desk, watch, moved, signal);
    for await (const _ of watch.topology.watch(AbortSignal.any([signal, moved.signal]))) {
      const list = summaries();
      const text = JSON.stringify(list);
      if (text === told) continue;
      told = text;
      yield list;
    }
  }
}

async function untilMoved(desk: DemoDesk, watch: ClusterWatch, moved: AbortController, signal: AbortSignal): Promise<void> {
  for await (const current of desk.current.watch(signal)) {
    if (current.watch !== watch) break;
  }
  moved.abort();
}
