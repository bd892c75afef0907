import { limits } from './fake-limits.ts';
import { fakeReport } from './hosts.ts';
import { hostsOf } from './fake-hosts.ts';
import { refusal, wait, type FakePart } from './fake-part.ts';
import { balancerPlanOf, planOf } from './fake-plan.ts';
import type { FakeWorld } from './fake-world.ts';

/** Making LAN clusters. */
export function fakeLanClusters(world: FakeWorld): FakePart {
  const inventory = hostsOf(world);
  return {
    answers: {
      'clusters.lan': () => inventory.clusters,
      'clusters.create': ({ databasePassword: _, ...settings }) => {
        if (inventory.clusters.some((known) => known.settings.name === settings.name)) throw refusal('CLUSTER_EXISTS', `There is a cluster "${settings.name}" already`, 'Choose another name.');
        const { database } = settings;
        const cluster = {
          clusterId: `cluster-${inventory.clusters.length}`, nodes: [],
          settings: {
            ...settings, database: { host: database.host, port: database.port ?? 5432, name: database.name ?? 'bulkhead', user: database.user ?? 'bulkhead', pool: { min: 5, max: 20 }, keepForOthers: database.keepForOthers ?? 5 },
            nodePort: settings.nodePort ?? 8081, trustedProxies: [], serviceUid: settings.serviceUid ?? 8081, serviceGid: settings.serviceGid ?? 8081, drainNoticeMs: 3000, drainDeadlineMs: 60_000,
          },
        };
        inventory.clusters = [...inventory.clusters, cluster];
        return cluster;
      },
      'newCluster.plan': async ({ cluster, hostIds, balancer }) => {
        await wait(200);
        const plans = hostIds.map((hostId) => planOf(inventory.get(hostId).name, cluster.filestore));
        return balancer === undefined ? plans : [...plans, balancerPlanOf(inventory.get(balancer.hostId).name, balancer.product)];
      },
      'nodes.plan': async ({ clusterId, hostIds }) => {
        await wait(200);
        const filestore = inventory.clusters.find((known) => known.clusterId === clusterId)?.settings.filestore ?? '';
        return hostIds.map((hostId) => planOf(inventory.get(hostId).name, filestore));
      },
      'newCluster.balancers': () => limits,
      'newCluster.database': async ({ host, user, password }) => {
        await wait(500);
        if (host.startsWith('nowhere')) throw refusal('DATABASE_UNAVAILABLE', `${host} cannot be found`, 'Check the name and the network.');
        if (password === 'wrong') throw refusal('DATABASE_UNAVAILABLE', `${user} at ${host}: the password is wrong`, 'Give the password that the role has; ALTER ROLE … PASSWORD sets another.');
        return { serverVersion: '18.1', roundTripMs: 0.7, clockOffsetMs: -12, mayCreate: true, hasSchema: false, budget: 92, granted: 0, indispensable: 0, control: 2, pooled: false, poolMode: null, isStandby: host.startsWith('standby'), durability: { fsync: true, synchronousCommit: 'on', synchronousStandbys: '', standbys: host.startsWith('pair') ? 1 : 0 }, warnings: [] };
      },
      'newCluster.check': async ({ hostId }) => {
        await wait(800);
        inventory.requireKey(hostId);
        return fakeReport(hostId, inventory.get(hostId).name, hostId === 'host-lab-1');
      },
    },
    streams: {},
  };
}
