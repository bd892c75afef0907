import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { balancerOptions, type Balancer, type BalancerProduct, type RunSummary } from '../../electron/contract/index.ts';
import { ensureBuilt, projectRoot } from '../../scripts/build.ts';
import { ClusterBalancer } from '../harness/cluster-processes.ts';
import { freePort } from '../harness/free-port.ts';
import { MixedLoad, type LoadReport } from '../harness/mixed-load.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { startLab, type Lab } from './lab.ts';
import { addHosts, createLanCluster, openLanRoom, type LanRoom } from './lan-room.ts';
import { resetAdmin } from './node-client.ts';

const names = ['one', 'two', 'three'] as const;
const options = { listen: { port: 8090 }, timeouts: { connectSeconds: 1, answerSeconds: 4, readSeconds: 10 } };

let lab: Lab;
let room: LanRoom;
let clusterId: string;
let lb: Balancer;
let password: string;
/** Bulkhead's own balancer, on this machine */
let embedded: ClusterBalancer;
const clean = new AsyncDisposableStack();

beforeAll(async () => {
  await ensureBuilt(['node']);
  lab = clean.use(await startLab({ hosts: [...names.map((name) => ({ name })), { name: 'lb', image: 'balancer' as const }], database: 'process' }));
  const folder = clean.use(await temporaryFolder('balancers'));
  room = clean.use(await openLanRoom(join(folder.path, 'state')));
  await addHosts(room, lab, ...names, 'lb');
  await createLanCluster(room, lab, 'art');
  clusterId = (await room.client.call('clusters.lan', {}))[0]!.clusterId;
}, 300_000);
afterAll(() => clean.disposeAsync());

const assign = async (product: BalancerProduct, more: Readonly<Record<string, unknown>> = {}): Promise<Balancer> => {
  lb = await room.client.call('balancers.assign', { clusterId, hostId: 'lb', product, options: balancerOptions.parse({ ...options, ...more }) });
  return lb;
};
const apply = (): Promise<RunSummary> => room.client.call('balancers.apply', { balancerId: lb.balancerId });
const onBalancer = (...argv: readonly string[]): Promise<string> => lab.host('lb').run(...argv);
const asked = async (path: string): Promise<number> => (await fetch(`http://${lab.target('lb').address}:8090${path}`)).status;
const outcome = ({ state, failure, steps }: RunSummary): unknown => ({ state, failure: failure?.message ?? null, at: steps.find((step) => step.state === 'failed')?.step ?? null });
const well = { state: 'done', failure: null, at: null };
const filesOf = (folder: string): Promise<string> => onBalancer('sh', '-c', `find ${folder} /var/lib/bulkhead* /run/bulkhead* -type f 2> /dev/null | sort | xargs -r sha256sum; systemctl is-enabled nginx haproxy apache2; systemctl is-active nginx haproxy apache2 || true`);

it('says what is missing on a host without the product, and how to install it', async () => {
  const wrong = await room.client.call('balancers.assign', { clusterId, hostId: 'one', product: 'nginx', options });
  const run = await room.client.call('balancers.apply', { balancerId: wrong.balancerId });
  expect(run).toMatchObject({ state: 'failed', failure: { code: 'PREFLIGHT_FAILED', message: 'nginx is not installed on this host', hint: 'apt-get install -y nginx' } });
  expect(await room.client.call('balancers.remove', { balancerId: wrong.balancerId })).toMatchObject({ state: 'done', changed: 0 });
});

it.each(['nginx', 'apache'] as const)('does not put itself beside the site that %s brings along, where one of them only can answer', async (product) => {
  const balancer = await room.client.call('balancers.assign', { clusterId, hostId: 'lb', product, options: { listen: { port: 80 } } });
  const before = await filesOf('/etc/nginx /etc/apache2');
  const run = await room.client.call('balancers.apply', { balancerId: balancer.balancerId });
  expect(run).toMatchObject({ state: 'failed', failure: { code: 'PREFLIGHT_FAILED', message: expect.stringContaining(`sites-enabled/${product === 'nginx' ? 'default' : '000-default.conf'}`) as string, hint: expect.stringContaining('--name') as string } });
  expect(await filesOf('/etc/nginx /etc/apache2')).toBe(before);
  expect(await room.client.call('balancers.remove', { balancerId: balancer.balancerId })).toMatchObject({ state: 'done' });
});

it('is told of the nodes as they come, each when it is proven', async () => {
  await assign('nginx');
  const runs = await room.client.call('nodes.provision', { clusterId, hostIds: [...names] });
  expect(runs.map(outcome)).toEqual(names.map(() => well));
  expect(await asked('/artifactory/api/system/ping')).toBe(200);
  expect(await room.client.call('balancers.status', { balancerId: lb.balancerId })).toMatchObject({ state: 'in-step', running: true, backends: [{ onHost: 'serving' }, { onHost: 'serving' }, { onHost: 'serving' }] });
  expect((await lab.host('one').run('cat', '/etc/bulkhead/node.yaml'))).toContain(lab.target('lb').address);
  expect(await apply()).toMatchObject({ state: 'done', changed: 0 });
  password = await adminPassword();
  embedded = await startEmbedded();
});

it('changes nothing when nginx does not want it, puts it back when it cannot be reloaded, and undoes', async () => {
  const file = '/etc/nginx/conf.d/bulkhead-art.conf';
  const before = await onBalancer('cat', file);
  await onBalancer('sh', '-c', 'echo "nonsense;" > /etc/nginx/conf.d/zz.conf');
  await assign('nginx', { cookie: 'OTHER' });
  const preview = await room.client.call('balancers.preview', { balancerId: lb.balancerId });
  expect(preview.diffs[0]?.unified).toMatch(/^-.*BULKHEAD_NODE/m);
  expect(outcome(await apply())).toEqual({ state: 'failed', at: 'check', failure: expect.stringContaining('unknown directive "nonsense"') as string });
  expect(await onBalancer('cat', file)).toBe(before);
  await onBalancer('rm', '/etc/nginx/conf.d/zz.conf');

  await onBalancer('sh', '-c', 'mkdir -p /etc/systemd/system/nginx.service.d && printf "[Service]\\nExecReload=\\nExecReload=/bin/false\\n" > /etc/systemd/system/nginx.service.d/broken.conf && systemctl daemon-reload');
  const broken = await apply();
  expect(outcome(broken)).toEqual({ state: 'failed', at: 'put', failure: expect.stringContaining('the former one was put back') as string });
  expect(await onBalancer('cat', file)).toBe(before);
  expect(await asked('/artifactory/api/system/ping')).toBe(200);
  await onBalancer('sh', '-c', 'rm -r /etc/systemd/system/nginx.service.d && systemctl daemon-reload');

  expect(outcome(await room.client.call('runs.resume', { runId: broken.runId }))).toEqual(well);
  expect(await onBalancer('cat', file)).toContain('OTHER=');
  expect(outcome(await room.client.call('balancers.undo', { balancerId: lb.balancerId }))).toEqual(well);
  expect(await onBalancer('cat', file)).toBe(before);
  expect(await room.client.call('balancers.status', { balancerId: lb.balancerId })).toMatchObject({ state: 'behind' });
  await onBalancer('sh', '-c', `echo "# by hand" >> ${file}`);
  expect(await room.client.call('balancers.status', { balancerId: lb.balancerId })).toMatchObject({ state: 'edited' });
  await assign('nginx');
  expect(outcome(await apply())).toEqual(well);
});

it.each(['nginx', 'embedded'] as const)('%s: loses no request when a host loses its power, up to the largest body that it keeps', async (product) => {
  const url = product === 'nginx' ? `http://${lab.target('lb').address}:8090` : embedded.url;
  const bodies = new MixedLoad({ url, user: 'admin', password, clients: 3, pattern: ['PUT 64 MiB'], folder: 'large', keepCookie: false });
  await bodies.start();
  await answered(bodies, 4);
  // on the bare wire a large body may have come and gone between two looks at the host
  await lab.host('three').slowDown(300);
  const { failures } = await powerLoss(url, product, takesLarge);
  await lab.host('three').slowDown(null);
  await answered(bodies, 4);
  const large = await bodies.stop();
  console.log(`${product}: ${String(large.sent['PUT 64 MiB'])} PUTs of 64 MiB, the slowest ${(large.slowestMs / 1000).toFixed(1)} s`);
  expect([failures, large.failures]).toEqual([[], []]);
});

it.each([['haproxy', '/etc/haproxy'], ['apache', '/etc/apache2']] as const)('%s: takes the place of another product, leaves what else is there, goes without a trace, and does what it says when a host loses its power', async (product, folder) => {
  await room.client.call('balancers.remove', { balancerId: lb.balancerId });
  const before = await filesOf(folder);
  await assign(product);
  const first = await apply();
  expect(outcome(first)).toEqual(well);
  expect(await asked('/artifactory/api/system/ping')).toBe(200);
  expect(await asked('/artifactory/api/v1/cluster')).toBeGreaterThanOrEqual(403);
  expect(await apply()).toMatchObject({ state: 'done', changed: 0 });
  expect(await room.client.call('balancers.status', { balancerId: lb.balancerId })).toMatchObject({ state: 'in-step', running: true });
  expect(await room.client.call('runs.rollback', { runId: first.runId })).toMatchObject({ state: 'rolled-back', failure: null });
  expect(await filesOf(folder)).toBe(before);
  expect(outcome(await apply())).toEqual(well);
  expect(outcome((await room.client.call('balancers.remove', { balancerId: lb.balancerId }))!)).toEqual(well);
  expect(await filesOf(folder)).toBe(before);
  await assign(product);
  expect(outcome(await apply())).toEqual(well);
  if (product === 'haproxy') await cannotBeginAnew();

  const { failures } = await powerLoss(`http://${lab.target('lb').address}:8090`, product);
  expect(failures.filter(({ kind }) => product === 'haproxy' && kind !== 'PUT 500 KB')).toEqual([]);
  expect(failures.length).toBeLessThanOrEqual(16);
});

/** HAProxy that cannot begin anew goes on with what it has, and its unit is active: that is not the new configuration in use. */
async function cannotBeginAnew(): Promise<void> {
  const file = '/etc/haproxy/haproxy.cfg';
  const before = await onBalancer('cat', file);
  // sshd has that port: the product's own check sees nothing wrong
  await onBalancer('sh', '-c', `printf 'listen taken\n    mode tcp\n    bind :22\n' >> ${file}`);
  await assign('haproxy', { cookie: 'OTHER' });
  const failed = await apply();
  expect(outcome(failed)).toEqual({ state: 'failed', at: 'put', failure: expect.stringContaining('the former one was put back') as string });
  // that has the taken port in it as well: for the two seconds in which HAProxy tries to get it, it lets nobody in
  await waitFor('the former configuration to serve', async () => await asked('/artifactory/api/system/ping').catch(() => 0) === 200);
  await onBalancer('sed', '-i', '/^listen taken/,$d', file);
  expect(await onBalancer('cat', file)).toBe(before);
  expect(outcome(await room.client.call('runs.resume', { runId: failed.runId }))).toEqual(well);
  expect(await onBalancer('cat', file)).toContain('OTHER');
  await assign('haproxy');
  expect(outcome(await apply())).toEqual(well);
}

it('lets a node go before it is removed', async () => {
  expect(outcome(await room.client.call('nodes.remove', { clusterId, nodeId: 'three' }))).toEqual(well);
  expect(await room.client.call('balancers.status', { balancerId: lb.balancerId })).toMatchObject({ state: 'in-step', backends: [{ nodeId: 'one' }, { nodeId: 'two' }] });
});

it('is forgotten by the nodes too, once each of them has been told', async () => {
  const uninformed = async (): Promise<string[]> => (await room.client.call('balancers.uninformed', { clusterId })).nodes.map(({ nodeId }) => nodeId);
  await waitFor('all nodes to go by what the cluster says', async () => (await uninformed()).length === 0, { everyMs: 500 });
  const { address } = lab.target('lb');
  expect(outcome((await room.client.call('balancers.remove', { balancerId: lb.balancerId }))!)).toEqual(well);
  expect(await room.client.call('balancers.uninformed', { clusterId })).toMatchObject({
    // the node that was made first, and nothing says which of those made at once that was
    baseUrl: expect.stringMatching(/^http:\/\/[\d.]+:8081$/) as string,
    nodes: ['one', 'two'].map((nodeId) => ({ nodeId, baseUrl: `http://${address}:8090`, untrusted: [], stale: [address] })),
  });
  const [run] = await room.client.call('nodes.provision', { clusterId, hostIds: ['two'] });
  expect(outcome(run!)).toEqual(well);
  expect(await lab.host('two').run('cat', '/etc/bulkhead/node.yaml')).not.toContain(address);
  await waitFor('two to be as the cluster says', async () => (await uninformed()).join() === 'one', { everyMs: 500 });
});

const serves = async (name: string): Promise<boolean> => (await fetch(`http://${lab.target(name).address}:8081/artifactory/api/system/ping`, { signal: AbortSignal.timeout(2000) })).status === 200;

/** So many more requests have been begun, each after the one before it of the same client was answered. */
async function answered(load: MixedLoad, requests: number): Promise<void> {
  const until = load.count + requests;
  await waitFor('requests to be answered', () => load.count >= until);
}

/** The node of host three has begun to take a body of 64 MiB, and most of it is still to come. */
async function takesLarge(): Promise<void> {
  await waitFor('host three to take a large body', async () => {
    const open = await lab.host('three').run('sh', '-c', 'find /proc/[0-9]*/fd -lname "/srv/bulkhead/art/staging/*" -printf "%l\\n" 2> /dev/null || true');
    const sizes = await Promise.all(open.split('\n').filter((line) => line !== '').map((path) => stat(join(lab.share, path.slice('/srv/bulkhead/'.length))).then(({ size }) => size, () => 0)));
    return sizes.some((size) => size > 2 * 2 ** 20 && size < 32 * 2 ** 20);
  }, { everyMs: 5 });
}

/** The plug of a host is pulled under load, once it is in what state it should be in; it is back and serves when this resolves. */
async function powerLoss(url: string, product: string, ready: () => Promise<void> = () => Promise.resolve()): Promise<LoadReport> {
  const load = new MixedLoad({ url, user: 'admin', password });
  await load.start();
  await answered(load, 100);
  await ready();
  await lab.host('three').losePower();
  await answered(load, 300);
  const report = await load.stop();
  console.log(`${product}, a host without power: ${JSON.stringify({ ...report, failures: report.failures.map(({ kind, why, from, to }) => `${kind} after ${(to - from).toFixed(0)} ms: ${why.slice(0, 80)}`) })}`);
  await lab.host('three').boot();
  await waitFor('the node to serve again', () => serves('three'));
  return report;
}

async function startEmbedded(): Promise<ClusterBalancer> {
  const folder = clean.use(await temporaryFolder('embedded'));
  const [port, configFile] = [await freePort(), join(folder.path, 'balancer.yaml')];
  await writeFile(configFile, stringify({ listen: { host: '127.0.0.1', port }, backends: names.map((nodeId) => ({ nodeId, url: `http://${lab.target(nodeId).address}:8081` })) }));
  const balancer = new ClusterBalancer({ port, configFile, bundle: join(projectRoot, 'out', 'server-bundle', 'bulkhead-node.cjs'), folder: folder.path, admin: { user: 'admin', password } });
  clean.defer(() => balancer.end());
  await balancer.start();
  await waitFor('a node behind the balancer', async () => (await balancer.client.get('/api/system/ping')).status === 200);
  return balancer;
}

async function adminPassword(): Promise<string> {
  const made = await resetAdmin(lab.host('one'));
  await room.client.call('clusters.password', { clusterId, password: made.password });
  return made.password;
}
