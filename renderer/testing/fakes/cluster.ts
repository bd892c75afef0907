import type { ResultOf } from '../../../electron/contract/index.ts';
import { servingSummary } from '../../format/states.ts';
import { fakeBudget, fakeLogLine } from '../fake-records.ts';
import { refusal, wait, type FakePart } from './fake-part.ts';
import type { FakeWorld } from './fake-world.ts';

/** The app itself, the cluster in its picture, its journal and its failovers. */
export function fakeClusterPart(world: FakeWorld): FakePart {
  const summaryOf = (clusterId: string): ResultOf<'clusters.list'>[number] => {
    const { lifecycle } = world.progress;
    const { nodes, name, kind } = world.of(clusterId).topology();
    if (kind === 'demo' && lifecycle !== 'running') return { clusterId, name, kind, health: 'off', summary: 'not running' };
    const { word, tone } = servingSummary(nodes);
    return { clusterId, name, kind, health: tone === 'ok' ? 'ok' : tone === 'bad' ? 'bad' : 'warning', summary: word };
  };
  const summaries = (): ResultOf<'clusters.list'> => ['demo', ...(world.hasLan ? ['berlin'] : [])].map(summaryOf);
  const picture = (clusterId: string): ResultOf<'topology.watch'> => {
    const { lifecycle } = world.progress;
    const shown = world.of(clusterId).topology();
    return shown.kind === 'lan' || lifecycle === 'running' ? shown : { ...shown, lifecycle, nodes: [], master: null, database: null, filestore: null, balancer: null };
  };
  return {
    answers: {
      'app.info': () => ({ version: '0.1.0', shell: 'console', platform: 'linux-x64', stateDir: '/home/ops/.local/share/bulkhead', secrets: { protection: 'file', note: 'The console has no keychain to use.' } }),
      'clusters.list': () => summaries(),
      'node.drain': ({ clusterId, nodeId }) => {
        world.of(clusterId).drain(nodeId);
        world.note(`${nodeId} drains`, nodeId, 'warning', clusterId);
        return {};
      },
      'node.undrain': ({ clusterId, nodeId }) => {
        world.of(clusterId).undrain(nodeId);
        world.note(`${nodeId} was taken back in`, nodeId, 'warning', clusterId);
        return {};
      },
      'budget.explain': ({ clusterId }) => fakeBudget(world.of(clusterId).database()),
      'budget.setGrants': async ({ clusterId, nodeId, poolMin, poolMax }) => {
        await wait(400);
        const explained = fakeBudget(world.of(clusterId).database());
        return { ...explained, pools: (explained.pools ?? []).map((pool) => (nodeId === undefined || nodeId === pool.nodeId ? { ...pool, poolMin: poolMin ?? 5, poolMax: poolMax ?? 25, source: poolMax === undefined ? 'configuration' : nodeId === undefined ? 'cluster' : 'node', target: poolMax ?? 25 } : pool)) };
      },
      'failover.history': ({ clusterId }) => ({ asOf: new Date().toISOString(), epochs: world.of(clusterId).epochs }),
      'failover.handOver': async ({ clusterId, to }) => {
        await wait(300);
        const cluster = world.of(clusterId);
        const next = to ?? cluster.serving().find((nodeId) => nodeId !== cluster.masterId);
        if (next === undefined) throw refusal('HANDOVER_FAILED', 'Nobody can take over', 'Name a node that is serving.');
        cluster.elect(next, 'hand-over', 38);
        world.note(`${next} became the master of epoch ${cluster.epoch}`, next, 'warning', clusterId);
        return { nodeId: next, epoch: cluster.epoch };
      },
      'failover.drill': async () => {
        const { cluster } = world;
        const killed = cluster.masterId ?? 'node-1';
        const before = cluster.epoch;
        cluster.kill(killed);
        world.changed();
        await wait(1_200);
        world.changed();
        cluster.start(killed);
        await wait(1_400);
        const report = { killedNodeId: killed, epochBefore: before, newMaster: cluster.masterId ?? '', epochAfter: cluster.epoch, masterAfterMs: 280 + 37 * (before % 5), probes: { sent: 131, failed: 0, slowestMs: 212 }, restoredAfterMs: 2_140 };
        world.drills.unshift({ ...report, at: Date.now() });
        return report;
      },
      'failover.drills': () => ({ drills: world.drills }),
      'gc.run': () => ({ removed: 14 }),
      'journal.list': async ({ clusterId, before, text, severity, source, nodeId, limit }) => {
        if (world.scenario === 'slow') await wait(60_000);
        const fitting = world.journal.filter((entry) => (clusterId === undefined || entry.clusterId === clusterId) && (before === undefined || entry.id < before) && (severity === undefined || entry.severity === severity) && (source === undefined || entry.source === source)
          && (nodeId === undefined || entry.nodeId === nodeId) && (text === undefined || entry.message.toLowerCase().includes(text.toLowerCase())));
        return { entries: fitting.slice(0, limit ?? 100), more: fitting.length > (limit ?? 100) };
      },
    },
    streams: {
      'clusters.watch': (_args, send) => world.onChange(() => send(summaries())),
      'topology.watch': ({ clusterId }, send) => world.onChange(() => {
        if (world.scenario !== 'slow') send(picture(clusterId));
      }),
      'journal.watch': (_args, send) => world.onEntry(send),
      'node.log': (_args, send) => {
        let index = 40;
        queueMicrotask(() => send({ reset: true, lines: Array.from({ length: 40 }, (_, line) => fakeLogLine(Date.now() - (40 - line) * 220, line)) }));
        const timer = setInterval(() => {
          index += 1;
          send({ reset: false, lines: [fakeLogLine(Date.now(), index)] });
        }, 700);
        return () => clearInterval(timer);
      },
    },
  };
}
