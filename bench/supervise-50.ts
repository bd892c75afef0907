/**
 * What it costs this machine to watch 50 nodes on 50 hosts once a second: `node bench/supervise-50.ts [direct|forward] [seconds]`.
 *
 * The hosts are SSH servers of another process, which answer like a host's shell would, and behind them stand-ins of the node's interface; only the
 * control room is measured, by the processor time of this process. `forward`: the nodes' ports are closed to this machine.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { connect, createWirePair, serve, type Topology } from '../electron/contract/index.ts';
import { Fleet, Hosts, LanClusters } from '../electron/control/fleet/index.ts';
import { createControlRoom } from '../electron/control/index.ts';
import { createFileBox, SecretStore } from '../electron/control/secrets/index.ts';
import { KnownHosts } from '../electron/control/ssh/index.ts';
import { openState } from '../electron/control/state/index.ts';
import { newHostKey } from '../test/harness/ssh-server.ts';

const count = 50;
const nodes = Array.from({ length: count }, (_, index) => `node-${index + 1}`);

interface Stand { readonly sshPort: number; readonly apiPort: number; readonly keyType: string; readonly key: string }

// --- the other side

function facts(number: string): string {
  const ticks = Math.round(process.uptime() * 100);
  return `t ${number}
d ${(Date.now() / 1000).toFixed(9)}
h some-host
k 6.1.0
n 4
u ${(100_000 + process.uptime()).toFixed(2)}
l ${number}
c ${ticks} 0 ${ticks} ${9 * ticks} 100 0 0 0 0 0
M 16384000
m 9000000
s LoadState=loaded
s ActiveState=active
s SubState=running
s Result=success
s NRestarts=0
s MainPID=4242
s UnitFileState=enabled
s StateChangeTimestampMonotonic=5000000
p 4242 (MainThread) S 1 4242 4242 0 -1 4194304 1000 0 0 0 ${ticks} 50 0 0 20 0 11 0 500 1000000000 30000 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0
F 64
L Max open files            65536                65536                files
f root / /dev/sda1 40000000 10000000 30000000 25% /
f opt /opt/bulkhead /dev/sda1 40000000 10000000 30000000 25% /
f filestore /srv/bulkhead nas:/export 400000000 10000000 390000000 3% /srv/bulkhead
i releases/0.1.0
r 0.1.0
e ${number}
`;
}

function view(answeredBy: string, urls: readonly string[]): string {
  const now = new Date().toISOString();
  return JSON.stringify({
    apiVersion: 1, asOf: now, answeredBy, cluster: { id: '00000000-0000-4000-8000-000000000001', name: 'bench' }, master: { nodeId: 'node-1', epoch: 1, since: now },
    nodes: nodes.map((nodeId, index) => ({
      nodeId, incarnation: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`, url: urls[index], desired: 'serving', observed: 'serving', version: '0.1.0', startedAt: now,
      heartbeatAt: now, heartbeatAgeMs: 100, inFlight: 2, drainDeadline: null, caching: true, pool: { max: 10, inUse: 1, idle: 3, waiting: 0 }, facts: null,
      rates: { requestsPerSecond: 100 + Math.random(), bytesInPerSecond: 1, bytesOutPerSecond: 1, queriesPerSecond: 1, p99Ms: 1, eventLoopP99Ms: 1, memoryBytes: 1 },
    })),
    database: {
      serverVersion: '18', host: 'db', port: 5432, name: 'b', maxConnections: 1000, superuserReserved: 3, reserved: 0, kept: 7, limitedBy: null, budget: 990, granted: 600, free: 390,
      observed: 600, foreign: 0, minimumPerNode: 7, wantedPerNode: 12, grants: nodes.map((nodeId, index) => ({ nodeId, incarnation: String(index), pool: 10, control: 2, observed: 12 })),
    },
    filestore: { path: '/srv', state: 'ok', totalBytes: 1, freeBytes: 1, storedBytes: 1, blobCount: 1, unreferencedBytes: 0, nextCollectionAt: null }, collectionLocked: null,
  });
}

async function startStand(nodeId: string, urls: () => readonly string[]): Promise<Stand> {
  const api = createServer((asked, answer) => {
    if (asked.url?.endsWith('/liveness') === true) answer.setHeader('content-type', 'application/json').end(JSON.stringify({ alive: true, nodeId, state: 'serving' }));
    else if (asked.url?.endsWith('/events') === true) answer.setHeader('content-type', 'text/event-stream').write(': hello\n\n');
    else answer.setHeader('content-type', 'application/json').end(view(nodeId, urls()));
  });
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  const privateKey = newHostKey();
  const server = new ssh2.Server({ hostKeys: [privateKey] }, (client) => {
    client.on('error', () => undefined);
    client.on('authentication', (context) => { if (context.method === 'password') context.accept(); else context.reject(['password']); });
    client.on('session', (accept) => {
      accept().on('exec', (acceptCommand, _reject, { command }) => {
        const channel = acceptCommand();
        const marker = /run-[0-9a-f]+-/.exec(command)?.[0] ?? '';
        channel.write(`${marker}1;`);
        channel.stderr.write(`${marker}1;`);
        if (!command.includes('MemAvailable')) {
          channel.write(command.includes('id -u') ? '0\nnone\n' : '');
          channel.exit(0);
          channel.end();
          return;
        }
        channel.on('data', (chunk: Buffer) => { for (const line of chunk.toString().trim().split('\n')) channel.write(facts(line.split(' ')[0] ?? '')); });
      });
    });
    client.on('tcpip', (accept, _reject, { destPort }) => {
      const socket = connectTcp(destPort, '127.0.0.1', () => { const channel = accept(); socket.pipe(channel).pipe(socket); channel.on('error', () => socket.destroy()); });
      socket.on('error', () => undefined);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const [parsed] = [ssh2.utils.parseKey(privateKey)].flat();
  if (parsed === undefined || parsed instanceof Error) throw new Error('no key');
  return { sshPort: (server.address() as AddressInfo).port, apiPort: (api.address() as AddressInfo).port, keyType: parsed.type, key: parsed.getPublicSSH().toString('base64') };
}

async function beHosts(): Promise<void> {
  let urls: string[] = [];
  const stands = await Promise.all(nodes.map((nodeId) => startStand(nodeId, () => urls)));
  process.on('message', (told: string[]) => { urls = told; });
  process.send?.(stands);
}

// --- the side that is measured

async function measure(way: 'direct' | 'forward', seconds: number): Promise<void> {
  const child: ChildProcess = fork(import.meta.filename, ['hosts']);
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-bench-'));
  try {
    const [stands] = await once(child, 'message') as [Stand[]];
    const knownHosts = new KnownHosts(join(folder, 'known_hosts'), []);
    const state = openState(folder);
    const secrets = new SecretStore(state, createFileBox(folder));
    const hosts = new Hosts(state, secrets);
    const clusters = new LanClusters(state, new Fleet(state), secrets);
    const { clusterId } = await clusters.create({
      name: 'bench', filestore: '/srv/bulkhead', nodePort: 8081, trustedProxies: [], serviceUid: 8081, serviceGid: 8081, drainNoticeMs: 1000, drainDeadlineMs: 1000,
      database: { host: 'db', port: 5432, name: 'b', user: 'b', pool: { min: 5, max: 10 }, keepForOthers: 5 },
    });
    await clusters.setSecret(clusterId, 'admin', 'x');
    const urls: string[] = [];
    for (const [index, { sshPort, apiPort, keyType, key }] of stands.entries()) {
      const nodeId = nodes[index] ?? '';
      await knownHosts.trust('127.0.0.1', sshPort, { type: keyType, key });
      const { hostId } = await hosts.add({ name: nodeId, address: '127.0.0.1', port: sshPort, user: 'ops', auth: { kind: 'password', password: 'x' } });
      // an address of no machine (RFC 5737)
      const url = `http://${way === 'direct' ? '127.0.0.1' : '192.0.2.1'}:${apiPort}`;
      urls.push(url);
      clusters.addNode(clusterId, { nodeId, hostId, url });
    }
    state.close();
    child.send(urls);
    const room = await createControlRoom({ stateDir: folder, shell: 'desktop', version: '0.1.0', nodeBundlePath: '', nodeRuntimePath: '' });
    const pair = createWirePair();
    serve(room.handlers, pair.control, { caller: 'desktop' });
    const client = connect(() => pair.client);
    let picture: Topology | undefined;
    let pictures = 0;
    // the number of the question, which the stand-ins give for their load
    let questions = 0;
    const stops = [
      client.subscribe('topology.watch', { clusterId }, { item: (item) => { picture = item; pictures += 1; } }),
      client.subscribe('hosts.watch', {}, { item: (list) => { questions = list.reduce((sum, { facts: told }) => sum + (told?.load1 ?? 0), 0); } }),
      client.subscribe('nodes.details', { clusterId, nodeId: 'node-7' }, { item: () => undefined }),
    ];
    const ready = (): boolean => picture?.nodes.length === count && picture.nodes.every(({ observed, host }) => observed === 'serving' && host?.reachability === 'reachable');
    while (!ready()) await pause(200);
    await pause(8000);
    pictures = 0;
    const questionsBefore = questions;
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    await pause(seconds * 1000);
    const { user, system } = process.cpuUsage(cpuBefore);
    const wallMs = performance.now() - startedAt;
    const live = picture?.nodes.filter(({ freshness }) => freshness === 'live').length ?? 0;
    console.log(`${way}: ${((user + system) / 1000 / wallMs * 100).toFixed(1)} % of one core over ${(wallMs / 1000).toFixed(0)} s; ${live} of ${count} nodes live, ${((questions - questionsBefore) / wallMs * 1000).toFixed(1)} answers of hosts and ${(pictures / wallMs * 1000).toFixed(1)} pictures a second, ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`);
    for (const stop of stops) stop();
    client.close();
    await room.close();
  } finally {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, milliseconds); });
}

const [what = 'direct', seconds = '30'] = process.argv.slice(2);
if (what === 'hosts') await beHosts();
else await measure(what === 'forward' ? 'forward' : 'direct', Number(seconds));
