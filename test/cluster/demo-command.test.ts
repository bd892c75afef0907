import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { demoDescription, type DemoDescription } from '../../electron/contract/index.ts';
import { ensureBuilt, projectRoot } from '../../scripts/build.ts';

/** `npm run demo`, as a script would use it. */
let data: string;
const started: ChildProcess[] = [];

interface Launcher {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  out(): string;
  err(): string;
}

beforeAll(() => ensureBuilt(['node']));
beforeEach(async () => { data = join(await mkdtemp(join(tmpdir(), 'bulkhead-demo-command-')), 'data'); });
afterEach(async () => {
  for (const child of started.splice(0)) child.kill('SIGTERM');
  await expect.poll(() => processesOf(data, true)).toEqual([]);
  await rm(join(data, '..'), { recursive: true, force: true });
});

function launch(command: string, args: string[], environment: Record<string, string> = {}): Launcher {
  const child = spawn(command, args, { cwd: projectRoot, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
  started.push(child);
  let out = '';
  let err = '';
  child.stdout.on('data', (part: Buffer) => { out += part.toString(); });
  child.stderr.on('data', (part: Buffer) => { err += part.toString(); });
  const ended = new Promise<number | null>((resolve) => { child.once('close', resolve); });
  return { child, ended, out: () => out, err: () => err };
}

const demo = (...args: string[]): Launcher => launch(process.execPath, ['scripts/demo.ts', '--data', data, ...args]);

async function described(launcher: Launcher): Promise<DemoDescription> {
  await expect.poll(() => {
    if (launcher.child.exitCode !== null) throw new Error(`ended: ${launcher.err()}${launcher.out()}`);
    return launcher.out();
  }).toContain('\n');
  return demoDescription.parse(JSON.parse(launcher.out()));
}

/** Command lines of all processes that name the data folder. */
async function processesOf(folder: string, withLauncher = false): Promise<string[]> {
  const lines: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = (await readFile(join('/proc', pid, 'cmdline'), 'utf8').catch(() => '')).replaceAll('\0', ' ');
    if (line.includes(folder) && (withLauncher || !line.includes('scripts/demo.ts'))) lines.push(line);
  }
  return lines;
}

/** An orphan that has ended stays in the process table until the system's first process gets round to it. */
async function hasEnded(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${String(pid)}/stat`, 'utf8').then((stat) => stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3), () => null);
  return state === null || state === 'Z' || state === 'X';
}

function request(description: DemoDescription, method: string, path: string, body?: string): Promise<Response> {
  const { user, password } = description.admin;
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return fetch(new URL(`/artifactory/generic-local/${path}`, description.balancer), { method, headers: { authorization }, ...(body === undefined ? {} : { body }) });
}

it('prints one line when it serves, stops everything at SIGTERM, and serves the same artifacts again', async () => {
  const first = demo('--nodes', '2', '--port', '0', '--json');
  const serving = await described(first);
  expect(first.out().trimEnd().split('\n')).toHaveLength(1);
  expect(first.err()).toBe('');
  expect(serving.nodes.map(({ nodeId }) => nodeId)).toEqual(['node-1', 'node-2']);
  expect(serving.master?.epoch).toBeGreaterThan(0);
  expect((await request(serving, 'PUT', 'kept.txt', 'kept')).status).toBe(201);
  first.child.kill('SIGTERM');
  expect(await first.ended, first.err()).toBe(0);
  expect(await processesOf(data)).toEqual([]);
  await expect(fetch(serving.balancer)).rejects.toThrow();

  const second = demo('--nodes', '2', '--port', '0', '--json');
  const again = await described(second);
  expect(await (await request(again, 'GET', 'kept.txt')).text()).toBe('kept');
  second.child.kill('SIGINT');
  expect(await second.ended, second.err()).toBe(0);
  expect(await processesOf(data)).toEqual([]);
});

it('clears away what a killed launcher has left', async () => {
  const killed = demo('--nodes', '1', '--port', '0', '--json');
  const before = await described(killed);
  killed.child.kill('SIGKILL');
  await killed.ended;
  const next = demo('--nodes', '1', '--port', '0', '--json');
  const after = await described(next);
  expect(after.nodes[0]?.pid).not.toBe(before.nodes[0]?.pid);
  for (const { pid } of before.nodes) expect(await hasEnded(pid ?? 0)).toBe(true);
  expect((await processesOf(data)).filter((line) => line.includes(' balance '))).toHaveLength(1);
  next.child.kill('SIGTERM');
  expect(await next.ended, next.err()).toBe(0);
});

it('ends when npm, which ran it, is ended', async () => {
  // the shell stands between npm and the program, and dies of the signal that npm passes on; the second command keeps it from becoming the program
  const shell = launch('/bin/sh', ['-c', `${process.execPath} scripts/demo.ts --data ${data} --nodes 1 --port 0 --json; true`], { npm_lifecycle_event: 'demo' });
  await described(shell);
  expect(await processesOf(data)).not.toEqual([]);
  shell.child.kill('SIGTERM');
  await expect.poll(() => processesOf(data)).toEqual([]);
});

it('says which port is taken, exits with 4, and leaves nothing', async () => {
  const holder = createServer();
  await new Promise<void>((resolve) => { holder.listen(0, '127.0.0.1', resolve); });
  const address = holder.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    const refused = demo('--nodes', '1', '--port', String(port), '--json');
    expect(await refused.ended).toBe(4);
    expect(JSON.parse(refused.out())).toMatchObject({ error: { code: 'PORT_IN_USE' } });
    expect(refused.err()).toMatch(new RegExp(`^PORT_IN_USE: .*${port}`));
    expect(await processesOf(data)).toEqual([]);
  } finally {
    holder.close();
  }
});

it('refuses wrong usage with 2, before it touches anything', async () => {
  for (const args of [['--nodes', '0'], ['--nodes', 'three'], ['--port', '99999'], ['--frobnicate']]) {
    const refused = demo(...args);
    expect(await refused.ended, args.join(' ')).toBe(2);
    expect(refused.err()).toContain('Usage: npm run demo');
  }
  await expect(readdir(data)).rejects.toThrow('ENOENT');
});
