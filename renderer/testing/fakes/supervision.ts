import type { NodeDetails, ResultOf } from '../../../electron/contract/index.ts';
import { conditionState } from '../../format/states.ts';
import type { FakeCluster } from '../fake-cluster.ts';
import { fakeLogLine } from '../fake-records.ts';
import { refusal, wait, type FakePart } from './fake-part.ts';
import type { FakeWorld } from './fake-world.ts';

const releases = ['1.3.2-9f3b61aa', '1.4.0-c41d77e2'];

/** What all sides say of one node on a host. */
function details(cluster: FakeCluster, nodeId: string): NodeDetails {
  const index = cluster.nodes.findIndex((known) => known.nodeId === nodeId);
  const node = cluster.nodes[index];
  if (node === undefined) throw refusal('NODE_NOT_FOUND', `There is no ${nodeId}`, 'Choose another node.');
  const now = Date.now();
  const condition = cluster.conditionOf(node);
  const hostUp = condition !== 'host-unreachable' && condition !== 'unknown';
  const serves = ['serving', 'starting', 'draining', 'drained', 'cut-off-from-database'].includes(condition);
  const silentMs = node.silentSince === null ? 400 : now - node.silentSince;
  const learned = (how: 'direct' | 'ssh' | 'cluster', age: number) => ({ at: now - age, ageMs: age, how, freshness: age > 5_000 ? 'stale' as const : 'live' as const });
  const fromHost = learned('ssh', hostUp ? 1_900 : silentMs);
  const reported = cluster.topology().nodes[index]?.reported ?? null;
  return {
    clusterId: cluster.identity.clusterId, nodeId, url: cluster.identity.url(index + 1), at: now, condition, sentence: node.note ?? `It is ${conditionState(condition).word}, by its own word.`,
    since: now - (node.silentSince === null ? 3_900_000 : silentMs), lastKnown: serves ? null : { condition: 'serving', at: now - silentMs },
    api: condition === 'serving' && index === 1
      ? { way: 'ssh-forward', problem: { code: 'NODE_UNREACHABLE', message: 'Port 8081 is not open to this machine', hint: 'Nothing to do: it is asked through its host.' } }
      : { way: serves ? 'direct' : 'none', problem: serves ? null : { code: 'NODE_UNREACHABLE', message: 'Nobody answers on port 8081', hint: 'See what the service says.' } },
    host: {
      hostId: `host-${nodeId}`, name: nodeId, address: `10.0.4.${11 + index}`, reachability: hostUp ? 'reachable' : 'unreachable', since: now - (hostUp ? 86_400_000 * 3 : silentMs),
      problem: hostUp ? null : { code: 'HOST_UNREACHABLE', message: 'No answer on port 22 within 5 s', hint: 'Is it switched on, and on this network?' },
      facts: {
        learned: fromHost, hostname: nodeId, kernel: '6.1.0-25-amd64', cores: 8, load1: 1.34 + index, cpuPercent: 17 + index * 4, memoryTotalBytes: 16.6e9, memoryAvailableBytes: 9.4e9, uptimeSeconds: 1_051_200,
        disks: [
          { purpose: 'root', path: '/', mount: '/', device: '/dev/sda1', totalBytes: 40e9, availableBytes: index === 2 ? 3.1e9 : 31e9 },
          { purpose: 'opt', path: '/opt/bulkhead', mount: '/', device: '/dev/sda1', totalBytes: 40e9, availableBytes: index === 2 ? 3.1e9 : 31e9 },
          { purpose: 'filestore', path: '/srv/artifacts', mount: '/srv/artifacts', device: 'nas.lan:/export/artifacts', totalBytes: 4e12, availableBytes: 2.2e12 },
        ],
        clockOffsetMs: 3.2, clockUncertaintyMs: 0.9,
      },
    },
    unit: { learned: fromHost, activeState: serves ? 'active' : condition === 'host-up-node-down' ? 'failed' : 'active', subState: serves ? 'running' : condition === 'host-up-node-down' ? 'auto-restart' : 'running', result: condition === 'host-up-node-down' ? 'exit-code' : 'success', restarts: condition === 'host-up-node-down' ? 3 : 0, since: now - silentMs, pid: serves ? node.pid : null, enabled: true },
    process: condition === 'host-up-node-down' ? null : { learned: fromHost, memoryBytes: 184e6, cpuPercent: 31, threads: 15, openFiles: 212, openFilesLimit: 65_536 },
    version: { running: condition === 'host-up-node-down' ? null : node.version, installed: releases[1] ?? null, releases, learned: fromHost },
    service: reported === null ? null : {
      learned: learned(serves ? 'direct' : 'cluster', serves ? 400 : silentMs), state: node.observed, isMaster: nodeId === cluster.masterId, epoch: cluster.epoch, incarnation: node.incarnation, startedAt: new Date(node.startedAt).toISOString(),
      inFlight: reported.inFlight, drainDeadline: reported.drainDeadline, caching: reported.caching, pool: reported.pool, rates: reported.rates,
    },
    clock: { offsetMs: index === 3 ? 840 : 3.4, uncertaintyMs: 1.1 },
  };
}

/** LAN clusters and hosts as they are seen now. */
export function fakeSupervision(world: FakeWorld): FakePart {
  const hosts = (): ResultOf<'hosts.watch'> => world.lan.nodes.map(({ nodeId }) => {
    const host = details(world.lan, nodeId).host;
    if (host === null) throw refusal('HOST_NOT_FOUND', 'no host', '');
    return { hostId: host.hostId, name: host.name, address: host.address, node: { clusterId: 'berlin', nodeId }, reachability: host.reachability, since: host.since, problem: host.problem, roundTripMs: host.reachability === 'reachable' ? 0.8 : null, facts: host.facts };
  });
  return {
    answers: {
      'nodes.journal': async ({ lines, search }) => {
        await wait(500);
        const all = Array.from({ length: lines ?? 100 }, (_, line) => fakeLogLine(Date.now() - line * 45_000, line)).map(({ at, topic, text }) => `${new Date(at).toISOString()} ${topic} ${text}`);
        return { lines: all.filter((line) => search === undefined || line.toLowerCase().includes(search.toLowerCase())) };
      },
    },
    streams: {
      'nodes.details': ({ clusterId, nodeId }, send) => world.onChange(() => send(details(world.of(clusterId), nodeId))),
      'hosts.watch': (_args, send) => world.onChange(() => send(hosts())),
    },
  };
}
