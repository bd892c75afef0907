import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DemoDescription } from '../../electron/contract/index.ts';
import { describeDemo, startDemo, stopDemo } from '../../electron/control/index.ts';
import { projectRoot } from '../../scripts/build.ts';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { copyPrograms, deploy, digestAt, processesIn, sha256, type Programs } from './demo-control-room.ts';

const run = promisify(execFile);
let folder: TemporaryFolder;
let data: string;
let programs: Programs;

beforeEach(async () => {
  folder = await temporaryFolder('demo-crash');
  data = join(folder.path, 'data');
  programs = await copyPrograms(folder.path);
});
afterEach(async () => {
  await stopDemo(programs, data);
  expect(await processesIn(data)).toEqual([]);
  await folder.remove();
});

interface Launcher {
  readonly child: ChildProcess;
  readonly output: string[];
}

function launch(): Launcher {
  const script = join(projectRoot, 'test/cluster/demo-foreground.ts');
  const child = spawn(process.execPath, [script, programs.nodeBundlePath, programs.nodeRuntimePath, data], { stdio: ['ignore', 'pipe', 'inherit'] });
  const output: string[] = [];
  let rest = '';
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    output.push(...lines);
  });
  return { child, output };
}

async function killAt(launcher: Launcher, what: string, reached: (lines: readonly string[]) => boolean): Promise<void> {
  await waitFor(what, () => reached(launcher.output), { everyMs: 2 });
  const exit = once(launcher.child, 'exit');
  launcher.child.kill('SIGKILL');
  await exit;
}

it('clears away what a killed launcher left running, and keeps the artifacts', async () => {
  const launcher = launch();
  await waitFor('the first demo', () => launcher.output.some((line) => line.startsWith('{')));
  const first = JSON.parse(launcher.output.at(-1) ?? '') as DemoDescription;
  const content = new TextEncoder().encode('still here');
  expect(await deploy(first, 'kept.txt', content)).toBe(201);
  await expect(startDemo(programs, { dataDir: data, port: 0 })).rejects.toMatchObject({ code: 'DEMO_RUNNING' });
  await killAt(launcher, 'the ready demo', () => true);
  const before = await processesIn(data);
  expect(before.length).toBeGreaterThanOrEqual(5);

  const second = await startDemo(programs, { dataDir: data, port: 0 });
  const after = await processesIn(data);
  expect(after.filter((pid) => before.includes(pid))).toEqual([]);
  expect(await digestAt(second, second.balancer, 'kept.txt')).toBe(sha256(content));
  expect(second.admin).toEqual(first.admin);
  expect(await describeDemo(programs, data)).toMatchObject({ balancer: second.balancer });
});

it.each([
  ['while the database is made', 'Creating the database'],
  ['while the database starts', 'Starting PostgreSQL'],
  ['while administrator and nodes are on their way', 'Creating schema and administrator'],
  ['while the nodes come up', 'Starting 3 nodes'],
])('starts after a launcher that was killed %s', async (_, label) => {
  await killAt(launch(), label, (lines) => lines.includes(label));
  const demo = await startDemo(programs, { dataDir: data, port: 0 });
  expect(await deploy(demo, 'a.txt', new TextEncoder().encode('a'))).toBe(201);
  expect((await processesIn(data)).length).toBeLessThanOrEqual(40);
  expect(demo.master).not.toBeNull();
});

it('ends every process when a start is cancelled', async () => {
  const abort = new AbortController();
  const start = startDemo(programs, {
    dataDir: data, port: 0, signal: abort.signal, onProgress: (label) => { if (label === 'Starting PostgreSQL') abort.abort(); },
  });
  await expect(start).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await processesIn(data)).toEqual([]);
});

it('tells the last words of a node that does not come up', async () => {
  const start = startDemo({ ...programs, nodeBundlePath: join(projectRoot, 'package.json') }, { dataDir: data, port: 0 });
  await expect(start).rejects.toMatchObject({ code: 'DEMO_START_FAILED', details: { lines: expect.arrayContaining([expect.any(String)]) as string[] } });
  expect(await processesIn(data)).toEqual([]);
});

it('writes configurations that the node accepts', async () => {
  await startDemo(programs, { dataDir: data, port: 0, nodes: 1 });
  const configs = (await readdir(join(data, 'configs'))).filter((name) => name.startsWith('node-'));
  expect(configs).toEqual(['node-1.yaml']);
  const { stdout } = await run(programs.nodeRuntimePath, [programs.nodeBundlePath, 'check-config', '--config', join(data, 'configs', 'node-1.yaml'), '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ valid: true, nodeId: 'node-1' });
});
