import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connect, createWirePair, serve, type ClosableClient } from '../../../contract/index.ts';
import { createControlRoom, type ControlRoom } from '../../../control/index.ts';
import type { CliContext } from '../cli-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { Output } from '../output.ts';
import { createProgram, runProgram } from '../program.ts';

let folder: string;
let room: ControlRoom;
let client: ClosableClient;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-cli-'));
  room = await createControlRoom({ stateDir: join(folder, 'state'), shell: 'cli', version: '1.2.3', nodeBundlePath: 'none', nodeRuntimePath: 'none' });
  const pair = createWirePair();
  serve(room.handlers, pair.control, { caller: 'cli' });
  client = connect(() => pair.client);
  await client.call('hosts.add', { name: 'front-1', address: '10.0.4.10', user: 'admin', auth: { kind: 'agent' } });
  await client.call('clusters.create', { name: 'art', filestore: '/srv/art', database: { host: 'db' } });
});
afterAll(async () => {
  client.close();
  await room.close();
  rmSync(folder, { recursive: true, force: true });
});

async function bulkhead(...argv: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const streams = { out: (text: string) => { said.out += text; }, err: (text: string) => { said.err += text; } };
  const context: CliContext = {
    output: new Output(streams), signal: new AbortController().signal, outcome: { exitCode: exitCodes.ok }, client: () => Promise.resolve(client), transfers: () => Promise.reject(new Error('no bytes are moved here')), runConsole: () => Promise.resolve(),
  };
  return { code: await runProgram(createProgram(context, '1.2.3', streams), context, argv), ...said };
}

it('renders, exports and plans without any host', async () => {
  const rendered = await bulkhead('balancer', 'render', '--cluster', 'art', '--product', 'nginx', '--port', '8099', '--name', 'art.example.com');
  expect([rendered.code, rendered.err]).toEqual([exitCodes.ok, '']);
  expect(rendered.out).toMatch(/listen 8099;[^]*server_name art\.example\.com;/);
  const to = join(folder, 'export');
  expect((await bulkhead('balancer', 'export', '--cluster', 'art', '--product', 'haproxy', '--to', to)).code).toBe(exitCodes.ok);
  expect(readdirSync(to).sort()).toEqual(['README.md', 'haproxy.cfg']);
  expect(readFileSync(join(to, 'README.md'), 'utf8')).toContain('It can fail:');
  const planned = await bulkhead('balancer', 'apply', 'front-1', '--cluster', 'art', '--product', 'apache', '--plan');
  for (const part of ['run           systemctl reload apache2.service', 'check         apachectl configtest', 'note: The cluster has no nodes yet.', 'Proxy "balancer://']) expect(planned.out).toContain(part);
  const script = await bulkhead('balancer', 'apply', 'front-1', '--cluster', 'art', '--product', 'apache', '--script');
  expect([script.code, script.out.split('\n')[0], script.out]).toEqual([exitCodes.ok, '#!/bin/sh', expect.stringContaining('apache2.service') as string]);
  execFileSync('sh', ['-n'], { input: script.out });
  expect(await client.call('balancers.list', {})).toEqual([]);
});

it('names the option that is wrong, and removes nothing unasked', async () => {
  const wrong = await bulkhead('balancer', 'render', '--cluster', 'art', '--product', 'nginx', '--name', 'a;b');
  expect([wrong.code, wrong.err]).toEqual([exitCodes.usage, expect.stringContaining('serverNames.0') as string]);
  const unasked = await bulkhead('balancer', 'remove', 'front-1');
  expect([unasked.code, unasked.err]).toEqual([exitCodes.refused, expect.stringContaining('--yes') as string]);
  expect((await bulkhead('balancer', 'status', 'front-1')).err).toContain('BALANCER_NOT_FOUND');
});

it('keeps a balancer with its cluster: its address is trusted, public, and holds the cluster', async () => {
  const { balancerId } = await client.call('balancers.assign', { clusterId: 'art', hostId: 'front-1', product: 'nginx' });
  const list = await bulkhead('balancer', 'list');
  expect(list.out).toMatch(/front-1 +nginx +http:\/\/10\.0\.4\.10:8080/);
  const [cluster] = await client.call('clusters.lan', {});
  expect(cluster?.settings).toMatchObject({ trustedProxies: ['10.0.4.10'], baseUrl: 'http://10.0.4.10:8080' });
  await expect(client.call('clusters.forget', { clusterId: 'art' })).rejects.toMatchObject({ code: 'HOST_IN_USE' });
  const host = await bulkhead('host', 'remove', 'front-1');
  expect([host.code, host.err]).toEqual([exitCodes.refused, expect.stringContaining('HOST_IN_USE: "front-1" is a balancer of "art"') as string]);
  const plan = await client.call('balancers.plan', { balancerId });
  expect(plan.steps.map(({ step }) => step)).toEqual(['lock', 'preflight', 'check', 'put', 'answer', 'unlock']);
  expect(await client.call('balancers.remove', { balancerId, hostGone: true })).toBeNull();
  expect(await client.call('balancers.list', {})).toEqual([]);
});

it('asks for the cluster of a host that balances for two, and touches neither', async () => {
  await client.call('clusters.create', { name: 'more', filestore: '/srv/more', database: { host: 'db' } });
  for (const [clusterId, port] of [['art', 8080], ['more', 8090]] as const) await client.call('balancers.assign', { clusterId, hostId: 'front-1', product: 'nginx', options: { listen: { port } } });
  for (const argv of [['remove', 'front-1', '--yes', '--host-gone'], ['apply', 'front-1', '--plan'], ['undo', 'front-1']]) {
    expect([argv, await bulkhead('balancer', ...argv)]).toMatchObject([argv, { code: exitCodes.usage, err: expect.stringContaining('--cluster') as string }]);
  }
  expect(await client.call('balancers.list', {})).toHaveLength(2);
  expect((await bulkhead('balancer', 'remove', 'front-1', '--cluster', 'more', '--host-gone', '--yes')).code).toBe(exitCodes.ok);
  expect(await client.call('balancers.list', {})).toMatchObject([{ options: { listen: { port: 8080 } } }]);
});
