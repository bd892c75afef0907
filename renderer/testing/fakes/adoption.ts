import type { FoundCluster } from '../../../electron/contract/index.ts';
import { hostsOf } from './fake-hosts.ts';
import { refusal, wait, type FakePart } from './fake-part.ts';
import type { FakeWorld } from './fake-world.ts';

/** A cluster of another desktop, to be found on the host lab-1. */
export function fakeAdoption(world: FakeWorld): FakePart {
  const inventory = hostsOf(world);
  const minute = 60_000;
  const found = (hostId: string): FoundCluster => ({
    hostId, state: 'new', knowsAdmin: false, problem: null, lockedBy: null, halfReplaced: ['cluster-key'],
    settings: {
      name: 'artifacts-hamburg', baseUrl: 'https://art.hh.lan', database: { host: 'db.hh.lan', port: 5432, name: 'bulkhead', user: 'bulkhead', pool: { min: 5, max: 20 }, keepForOthers: 5 }, filestore: '/srv/artifacts',
      nodePort: 8081, trustedProxies: [], serviceUid: 8081, serviceGid: 8081, drainNoticeMs: 3000, drainDeadlineMs: 60_000,
    },
    nodes: ['hh-1', 'hh-2', 'hh-3'].map((nodeId, index) => ({ nodeId, address: `10.8.0.${index + 11}`, observed: index === 2 ? 'drained' : 'serving', version: '1.4.0', master: index === 0, host: index === 0 ? { hostId, name: inventory.get(hostId).name } : null })),
    run: { runId: 'u-1', kind: 'upgrade', to: '1.5.0-77ab03fd', state: 'interrupted', startedBy: 'tom on laptop-3', holder: 'tom on laptop-3', startedAt: Date.now() - 25 * minute, holderUntil: Date.now() - 20 * minute, asOf: Date.now(), done: 1, nodes: 3 },
  });
  return {
    answers: {
      'clusters.look': async ({ hostId }) => {
        await wait(400);
        inventory.requireKey(hostId);
        if (hostId === 'host-balance-1') throw refusal('NODE_NOT_FOUND', 'There is no node on this host', 'Choose a host that carries a node of the cluster.', { file: '/etc/bulkhead/node.yaml' });
        return found(hostId);
      },
      'clusters.adopt': async ({ hostId, resetAdmin, adminPassword }) => {
        await wait(600);
        const { settings, nodes, run } = found(hostId);
        const hosts = nodes.map((node, index) => (index === 0 ? inventory.get(hostId) : inventory.add({ name: node.nodeId, address: node.address, user: 'ops', auth: { kind: 'agent' } })));
        const cluster = { clusterId: 'hamburg', settings, nodes: nodes.map(({ nodeId, address }, index) => ({ nodeId, hostId: hosts[index]?.hostId ?? '', url: `http://${address}:8081` })) };
        inventory.clusters = [...inventory.clusters, cluster];
        return {
          cluster, admin: adminPassword !== undefined ? 'known' : resetAdmin === true ? 'reset' : 'unknown', run: run?.runId ?? null,
          nodes: nodes.map(({ nodeId, address }, index) => ({ nodeId, address, hostId: hosts[index]?.hostId ?? '', state: (['ready', 'trust-key', 'unreachable'] as const)[index] ?? 'ready', note: index === 2 ? 'No answer on port 22 within 5 s' : null })),
        };
      },
    },
    streams: {},
  };
}
