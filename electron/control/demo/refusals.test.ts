import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createNodeAgent } from '../node-api/index.ts';
import { DemoCluster, type DemoEnvironment } from './index.ts';
import { DemoFolder } from './folder.ts';
import { readHolder, takeLock } from './lock.ts';

const agent = createNodeAgent();
const never = new AbortController().signal;
let folder: string;
let data: string;
let launched: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-demo-'));
  data = join(folder, 'data');
  launched = [];
});
afterEach(async () => {
  expect(launched).toEqual([]);
  await rm(folder, { recursive: true, force: true });
});

/** A demo that must not start anything. */
function demo(programs: Partial<DemoEnvironment> = {}): DemoCluster {
  const launcher = { launch: (spec: { command: string }) => { launched.push(spec.command); return Promise.reject(new Error('nothing may start')); } };
  return new DemoCluster({ nodeBundlePath: process.execPath, nodeRuntimePath: process.execPath, launcher, agent, ...programs }, data);
}

const options = { nodes: 3, port: 0, foreground: false };

it('refuses a taken port before anything is made', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await expect(demo().start({ ...options, port }, 'cli', never)).rejects.toMatchObject({ code: 'PORT_IN_USE', details: { port } });
  expect(await demo().plan({ nodes: 3, port })).toMatchObject({ warnings: [`Port ${port} is taken by another program.`] });
  server.close();
  expect(await readdir(folder)).toEqual([]);
});

it('names a missing program and leaves nothing', async () => {
  const nodeBundlePath = join(folder, 'no-bundle.cjs');
  const broken = demo({ nodeBundlePath });
  await expect(broken.start(options, 'cli', never)).rejects.toMatchObject({ code: 'BINARY_MISSING', details: { program: nodeBundlePath } });
  expect(broken.progress.snapshot.value).toMatchObject({ lifecycle: 'failed', failure: { code: 'BINARY_MISSING' } });
  expect(await readdir(folder)).toEqual([]);
});

it('never touches a folder that holds something else', async () => {
  await mkdir(data);
  await writeFile(join(data, 'thesis.txt'), 'x');
  await expect(demo().start(options, 'cli', never)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  await expect(demo().reset('cli', never)).rejects.toMatchObject({ code: 'ARGUMENT_INVALID' });
  expect(await readdir(data)).toEqual(['thesis.txt']);
});

it('lets one change happen at a time, and names who is at it', async () => {
  const lock = await takeLock(new DemoFolder(data), 'console', 'start', 0);
  expect(await readHolder(new DemoFolder(data))).toMatchObject({ pid: process.pid, who: 'console', what: 'start' });
  await expect(demo().start(options, 'cli', never)).rejects.toMatchObject({ code: 'DATA_IN_USE', details: { holder: { who: 'console' } } });
  expect((await demo().look()).lifecycle).toBe('starting');
  await lock.release();
  expect(await readHolder(new DemoFolder(data))).toBeNull();
  const next = await takeLock(new DemoFolder(data), 'cli', 'stop', 0);
  await next.release();
});

it('takes a dead holder for nobody', async () => {
  await mkdir(data);
  await writeFile(join(data, 'lock-holder.json'), JSON.stringify({ pid: process.pid, startedAs: 'another boot/1', who: 'cli', what: 'start', since: 1 }));
  expect(await readHolder(new DemoFolder(data))).toBeNull();
  expect((await demo().look()).lifecycle).toBe('off');
  await (await takeLock(new DemoFolder(data), 'cli', 'start', 0)).release();
});

it('knows that nothing runs', async () => {
  await expect(demo().describe()).rejects.toMatchObject({ code: 'DEMO_NOT_RUNNING' });
  await expect(demo().actOnNode('node-1', 'kill', 'cli', never)).rejects.toMatchObject({ code: 'DEMO_NOT_RUNNING' });
  await expect(demo().stop('cli', never)).resolves.toBeUndefined();
  await expect(demo().reset('cli', never)).resolves.toBeUndefined();
  expect(await readdir(folder)).toEqual([]);
});
