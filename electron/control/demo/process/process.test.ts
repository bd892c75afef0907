import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { conditionOf, detachedLauncher, findByArguments, identify, ProcessRegistry, sendSignal, waitForEnd } from './index.ts';

const sleepForever = 'setInterval(() => {}, 1000)';
let folder: string;
let children: ChildProcess[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-processes-'));
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

async function startChild(...args: string[]): Promise<{ child: ChildProcess; pid: number }> {
  const child = spawn(process.execPath, ['-e', sleepForever, '--', ...args], { stdio: 'ignore' });
  children.push(child);
  await once(child, 'spawn');
  return { child, pid: child.pid ?? 0 };
}

async function identityOf(pid: number): Promise<{ pid: number; startedAs: string }> {
  const identity = await identify(pid);
  if (identity === null) throw new Error(`no process ${pid}`);
  return identity;
}

it('sees a process run, freeze, thaw and end', async () => {
  const { child, pid } = await startChild();
  const identity = await identityOf(pid);
  expect(await conditionOf(identity)).toBe('running');
  await sendSignal(identity, 'SIGSTOP');
  await expect.poll(() => conditionOf(identity)).toBe('frozen');
  await sendSignal(identity, 'SIGCONT');
  await expect.poll(() => conditionOf(identity)).toBe('running');
  const exit = once(child, 'exit');
  await sendSignal(identity, 'SIGKILL');
  expect(await waitForEnd(identity, 30_000)).toBe(true);
  await exit;
  expect(await identify(pid)).toBeNull();
});

it('never signals a process that only has the same pid', async () => {
  const { pid } = await startChild();
  const predecessor = { pid, startedAs: 'another boot/1' };
  expect(await conditionOf(predecessor)).toBe('stopped');
  expect(await sendSignal(predecessor, 'SIGKILL')).toBe(false);
  expect(await identify(pid)).not.toBeNull();
});

it('finds a process by two neighbouring arguments, and no other', async () => {
  const { pid } = await startChild('--config', join(folder, 'node.yaml'));
  await startChild(join(folder, 'node.yaml'), '--config');
  const found = await findByArguments('--config', join(folder, 'node.yaml'));
  expect(found.map((identity) => identity.pid)).toEqual([pid]);
});

it('records processes and tells what became of them', async () => {
  const registry = new ProcessRegistry(join(folder, 'processes.json'));
  expect(await registry.see()).toEqual([]);
  const { child, pid } = await startChild();
  await registry.record({ name: 'node-1', kind: 'node', command: 'node', startedAt: 1 }, await identityOf(pid));
  expect(await registry.see()).toMatchObject([{ name: 'node-1', pid, condition: 'running' }]);
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
  expect(await registry.find('node-1')).toMatchObject({ condition: 'stopped' });
  await registry.forget('node-1');
  expect(await registry.list()).toEqual([]);
  expect(await readdir(folder)).toEqual(['processes.json']);
});

it('takes an unreadable record for none', async () => {
  const file = join(folder, 'processes.json');
  await writeFile(file, '{"version":1,"proc');
  expect(await new ProcessRegistry(file).list()).toEqual([]);
});

it('launches a program detached, with its output in the log and without the secrets of the environment', async () => {
  vi.stubEnv('BULKHEAD_TEST_SECRET', 'x');
  const logFile = join(folder, 'out.log');
  const { pid } = await detachedLauncher.launch({
    command: process.execPath, args: ['-e', 'console.log(JSON.stringify(Object.keys(process.env)))'], cwd: folder, logFile, environment: { LC_ALL: 'C' },
  });
  vi.unstubAllEnvs();
  expect(pid).toBeGreaterThan(0);
  await expect.poll(() => readFile(logFile, 'utf8')).toContain('LC_ALL');
  expect(await readFile(logFile, 'utf8')).not.toContain('SECRET');
});

it('names the program that cannot be run', async () => {
  const launch = detachedLauncher.launch({ command: join(folder, 'nothing'), args: [], cwd: folder, logFile: join(folder, 'out.log') });
  await expect(launch).rejects.toMatchObject({ code: 'BINARY_MISSING', details: { program: join(folder, 'nothing'), reason: 'ENOENT' } });
});
