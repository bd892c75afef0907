import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryFolder, type TemporaryFolder } from '../../../../test/harness/temporary-folder.ts';
import { connect, createWirePair, serve, type BalancerOptions, type ClosableClient } from '../../../contract/index.ts';
import { createControlRoom, type ControlRoom } from '../../../control/index.ts';
import type { CliContext } from '../cli-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { Output } from '../output.ts';
import { createProgram, runProgram } from '../program.ts';

/** Nobody listens on the port of its host: what counts here is what is written down before the host is asked. */
let folder: TemporaryFolder;
let room: ControlRoom;
let client: ClosableClient;
beforeAll(async () => {
  folder = await temporaryFolder('cli');
  const [nodeBundlePath, hostRuntimePath] = [join(folder.path, 'bundle'), join(folder.path, 'runtime')];
  for (const file of [nodeBundlePath, hostRuntimePath]) writeFileSync(file, 'x');
  room = await createControlRoom({ stateDir: join(folder.path, 'state'), shell: 'cli', version: '1.2.3', nodeBundlePath, nodeRuntimePath: 'none', hostRuntimePath });
  const pair = createWirePair();
  serve(room.handlers, pair.control, { caller: 'cli' });
  client = connect(() => pair.client);
  await client.call('hosts.add', { name: 'front-1', address: '127.0.0.1', port: 1, user: 'admin', auth: { kind: 'agent' } });
  await client.call('clusters.create', { name: 'art', filestore: '/srv/art', database: { host: 'db' } });
  await client.call('balancers.assign', {
    clusterId: 'art', hostId: 'front-1', product: 'nginx',
    options: { listen: { address: '*', port: 443 }, tls: { certificate: '/etc/tls/art.pem', key: '/etc/tls/art.key' }, serverNames: ['art.example.com'], sticky: false },
  });
});
afterAll(async () => {
  client.close();
  await room.close();
  await folder.remove();
});

async function bulkhead(...argv: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const streams = { out: (text: string) => { said.out += text; }, err: (text: string) => { said.err += text; } };
  const context: CliContext = {
    output: new Output(streams), signal: new AbortController().signal, outcome: { exitCode: exitCodes.ok }, client: () => Promise.resolve(client), transfers: () => Promise.reject(new Error('no bytes are moved here')), runConsole: () => Promise.resolve(),
  };
  return { code: await runProgram(createProgram(context, '1.2.3', streams), context, argv), ...said };
}

async function chosen(): Promise<BalancerOptions | undefined> {
  return (await client.call('balancers.list', {}))[0]?.options;
}

it.each([
  [['balancer', 'apply', 'front-1']],
  [['balancer', 'apply', 'front-1', '--cluster', 'art', '--product', 'nginx']],
  [['node', 'provision', 'front-1', '--cluster', 'art', '--balancer', 'front-1=nginx']],
])('%j leaves what was chosen for the balancer as it is', async (argv) => {
  const before = await chosen();
  expect((await bulkhead(...argv)).err).not.toContain('INTERNAL');
  expect(await chosen()).toEqual(before);
});

it('plans a node behind a balancer as that one is', async () => {
  const { out } = await bulkhead('node', 'provision', 'front-1', '--cluster', 'art', '--balancer', 'front-1=nginx', '--plan');
  expect(out).toContain('baseUrl: https://art.example.com');
});

it('changes what is said and nothing else, and nothing at all in a plan', async () => {
  const before = await chosen();
  const planned = await bulkhead('balancer', 'apply', 'front-1', '--answer-timeout', '7', '--plan');
  expect([planned.code, planned.out]).toEqual([exitCodes.ok, expect.stringMatching(/listen 443 ssl;[^]*art\.pem[^]*proxy_read_timeout 7s/) as string]);
  expect(await chosen()).toEqual(before);
  await bulkhead('balancer', 'apply', 'front-1', '--answer-timeout', '7', '--sticky', '--key', '/etc/tls/new.key');
  expect(await chosen()).toEqual({ ...before, sticky: true, tls: { certificate: '/etc/tls/art.pem', key: '/etc/tls/new.key' }, timeouts: { ...before?.timeouts, answerSeconds: 7 } });
  await bulkhead('balancer', 'apply', 'front-1', '--reset', '--name', 'other.example.com');
  expect(await chosen()).toMatchObject({ listen: { port: 8080 }, tls: null, sticky: true, serverNames: ['other.example.com'], timeouts: { answerSeconds: 30 } });
  expect(await bulkhead('balancer', 'apply', 'front-1', '--key', '/etc/tls/new.key')).toMatchObject({ code: exitCodes.usage, err: expect.stringContaining('--certificate') as string });
});
