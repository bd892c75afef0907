import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/harness/temporary-folder.ts';
import { connect, createWirePair, serve, type ClosableClient, type Planned } from '../contract/index.ts';
import { createControlRoom } from './index.ts';

const clean = new AsyncDisposableStack();
let client: ClosableClient;
beforeAll(async () => {
  const { path } = clean.use(await temporaryFolder('lan-desk'));
  mkdirSync(path, { recursive: true });
  const [bundle, runtime] = [join(path, 'bundle'), join(path, 'runtime')];
  for (const file of [bundle, runtime]) writeFileSync(file, file);
  const room = await createControlRoom({ stateDir: join(path, 'state'), shell: 'cli', version: '0.1.0', nodeBundlePath: bundle, nodeRuntimePath: 'none', hostRuntimePath: runtime });
  clean.defer(() => room.close());
  const pair = createWirePair();
  serve(room.handlers, pair.control, { caller: 'cli' });
  client = connect(() => pair.client);
  clean.defer(() => { client.close(); });
  for (const [name, address] of [['one', '10.0.4.11'], ['front', '10.0.4.10']] as const) await client.call('hosts.add', { name, address, user: 'ops', auth: { kind: 'agent' } });
});
afterAll(() => clean.disposeAsync());

const configIn = (plans: readonly Planned[]): string | undefined => plans[0]?.steps.flatMap(({ files }) => files).find(({ path }) => path.endsWith('/node.yaml'))?.content;

it('plans a node behind a new balancer as it will be made: with the balancer as its public address, and trusting it', async () => {
  const cluster = { name: 'art', filestore: '/srv/art', database: { host: 'db' } };
  const balancer = { hostId: 'front', product: 'haproxy', options: { listen: { port: 8090 } } } as const;
  const before = await client.call('newCluster.plan', { cluster, hasDatabasePassword: false, hostIds: ['one'], balancer });
  expect(before.map(({ host, product }) => [host, product])).toEqual([['one', undefined], ['front', 'haproxy']]);
  expect(configIn(before)).toContain('baseUrl: http://10.0.4.10:8090');

  const { clusterId } = await client.call('clusters.create', cluster);
  const later = await client.call('nodes.plan', { clusterId, hostIds: ['one'], balancer });
  expect((await client.call('clusters.lan', {}))[0]?.settings.trustedProxies).toEqual([]);
  await client.call('balancers.assign', { ...balancer, clusterId });
  const made = configIn(await client.call('nodes.plan', { clusterId, hostIds: ['one'] }));
  expect(made).toContain('10.0.4.10');
  expect([configIn(before), configIn(later)]).toEqual([made, made]);
});
