import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BalancerBackend, BalancerProduct } from '../../../electron/contract/index.ts';
import { startCluster, type TestCluster } from '../../harness/cluster.ts';
import { freePort } from '../../harness/free-port.ts';
import { MixedLoad, type Failure } from '../../harness/mixed-load.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { accepts, RealBalancer } from './real-balancer.ts';

/** Events for each product: 21 together. */
const kills = 8;
const drains = 5;
const reloads = 8;
const clients = 16;

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startCluster({ balancer: false, config: { http: { trustedProxies: ['127.0.0.1'] }, timing: { drainNoticeMs: 3000 } } });
});
afterAll(() => cluster.stop());

const backends = (draining?: string): BalancerBackend[] => cluster.nodes.map(({ nodeId, url }) => ({ nodeId, url, state: nodeId === draining ? 'draining' : 'serving' }));

/** What a product cannot save of the requests that a killed node was working on. */
const losses: Readonly<Record<BalancerProduct, (failure: Failure) => boolean>> = {
  nginx: () => false,
  haproxy: ({ kind }) => kind === 'PUT 500 KB',
  apache: () => true,
};

test.each<BalancerProduct>(['nginx', 'haproxy', 'apache'])('%s: nodes killed, drained and taken back, the configuration reloaded, under load', async (product) => {
  await using balancer = await RealBalancer.start(product, await freePort(), backends());
  const load = new MixedLoad({ url: balancer.url, ...cluster.admin, clients });
  await load.start();
  const progress = async (requests: number): Promise<void> => {
    const until = load.count + requests;
    await waitFor('requests to be answered', () => load.count >= until, { timeoutMs: 120_000 });
  };
  /** of `performance.now()`: from before a kill until nobody listens any more */
  const killed: { from: number; to: number }[] = [];
  const begun: { readonly at: number; readonly what: string }[] = [];
  const begin = (what: string): number => {
    const at = performance.now();
    begun.push({ at, what });
    return at;
  };

  await progress(100);
  for (let event = 0; event < kills; event += 1) {
    const node = cluster.nodes[event % 3]!;
    const from = begin(`kill of ${node.nodeId}`);
    await node.kill();
    // its sockets live as long as its last thread
    await waitFor('the port to be closed', async () => !await accepts(node.port));
    killed.push({ from, to: performance.now() });
    await progress(40);
    begin(`start of ${node.nodeId}`);
    await node.start();
    await cluster.untilServing();
    await progress(20);
  }
  for (let event = 0; event < drains; event += 1) {
    const node = cluster.nodes[event % 3]!;
    const other = cluster.nodes[(event + 1) % 3]!;
    begin(`drain of ${node.nodeId}`);
    await other.client.post(`/api/v1/cluster/nodes/${node.nodeId}/drain`, { deadlineSeconds: 60 });
    await cluster.until('drained', ({ nodes }) => nodes.some(({ nodeId, observed }) => nodeId === node.nodeId && observed === 'drained'));
    await progress(40);
    begin(`end of the drain of ${node.nodeId}`);
    await other.client.post(`/api/v1/cluster/nodes/${node.nodeId}/undrain`);
    await cluster.untilServing();
    await progress(20);
  }
  for (let event = 0; event < reloads; event += 1) {
    begin('reload');
    await balancer.reload(backends(event % 2 === 0 ? 'n1' : undefined));
    await progress(60);
  }
  const { failures, ...report } = await load.stop();
  const underWay = ({ from, to }: Failure): boolean => killed.some((kill) => from <= kill.to && to >= kill.from);
  const excused = failures.filter((failure) => losses[product](failure) && underWay(failure));
  console.log(`${product}: ${JSON.stringify({ ...report, events: kills + drains + reloads, failed: failures.length })}`);
  if (excused.length < failures.length) console.log(`${product} logged:\n${await lastComplaints(balancer)}`);
  const told = ({ kind, path, why, from, to }: Failure): string => {
    const event = begun.findLast(({ at }) => at <= to);
    return `${kind} ${path}: ${why}; it took ${(to - from).toFixed(0)} ms and ended ${(to - (event?.at ?? 0)).toFixed(0)} ms after ${event?.what ?? 'the start'}`;
  };
  expect(failures.filter((failure) => !excused.includes(failure)).map(told)).toEqual([]);
  // what a node was working on is lost with it: at most one request of each client. Until its port is closed, as long as that takes, a client may meet it once more
  const met = excused.filter(({ from }) => killed.some((kill) => from > kill.from && from <= kill.to));
  expect(excused.length - met.length).toBeLessThanOrEqual(kills * clients);
  expect(met.length).toBeLessThanOrEqual(kills * clients);
  // the cookie holds a client to its node unless that goes away
  expect(report.moves).toBeLessThan((kills + drains + reloads) * clients);
});

async function lastComplaints(balancer: RealBalancer): Promise<string> {
  return (await balancer.log()).split('\n').filter((line) => /" (4|5)\d\d |\[error\]|SH--|sH--|error/.test(line)).slice(0, 30).join('\n');
}

test.each<BalancerProduct>(['nginx', 'haproxy', 'apache'])('%s: passes on what a client may ask, as the client sent it, and nothing else', async (product) => {
  await using balancer = await RealBalancer.start(product, await freePort(), backends());
  const auth = { authorization: `Basic ${Buffer.from(`${cluster.admin.user}:${cluster.admin.password}`).toString('base64')}` };
  const ask = (path: string, { headers = {}, ...init }: Omit<RequestInit, 'headers'> & { headers?: Record<string, string>; duplex?: 'half' } = {}): Promise<Response> =>
    fetch(`${balancer.url}${path}`, { ...init, headers: { ...auth, ...headers } });
  await waitFor('a node to be used', async () => (await ask('/artifactory/api/system/ping')).status === 200);

  for (const path of ['/artifactory/api/v1/cluster', '/api/v1/cluster', '/artifactory/api/v1/mesh', '/artifactory//api/v1/cluster', '/artifactory/api/v1/%63luster', '/artifactory/api/v1/cluster/nodes/n1']) {
    const answer = await ask(path);
    expect([path, [403, 404].includes(answer.status), answer.headers.get('x-bulkhead-node')]).toEqual([path, true, null]);
  }
  // bytes of a path come through as they were sent
  const odd = '/artifactory/generic-local/a%20b/c%2Bd+e/%C3%BC;v=1.txt';
  expect((await ask(odd, { method: 'PUT', body: 'odd' })).status).toBe(201);
  expect(await (await ask(odd)).text()).toBe('odd');
  expect(await (await fetch(`${cluster.nodes[0]!.url}${odd}`, { headers: auth })).text()).toBe('odd');

  // one request, one answer: a client's own request id is not believed, else the second would get the first one's answer
  const forged = { 'x-bulkhead-request-id': 'forged-by-a-client-0001' };
  const first = await ask('/artifactory/generic-local/forged', { method: 'PUT', body: 'one', headers: forged });
  const second = await ask('/artifactory/generic-local/forged', { method: 'PUT', body: 'two', headers: forged });
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(await (await ask('/artifactory/generic-local/forged')).text()).toBe('two');

  // larger than every buffer, with and without a length
  const large = Buffer.alloc(3 * 1024 * 1024, 7);
  expect((await ask('/artifactory/generic-local/large', { method: 'PUT', body: large })).status).toBe(201);
  const chunked = new ReadableStream({ start(controller) { for (let part = 0; part < 8; part += 1) controller.enqueue(new Uint8Array(100_000)); controller.close(); } });
  expect((await ask('/artifactory/generic-local/chunked', { method: 'PUT', body: chunked, duplex: 'half' })).status).toBe(201);
  expect((await (await ask('/artifactory/generic-local/large')).arrayBuffer()).byteLength).toBe(large.length);
  expect((await (await ask('/artifactory/generic-local/chunked')).arrayBuffer()).byteLength).toBe(800_000);
});
