import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { request } from 'undici';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { TestServer } from '../../../test/harness/ssh-server.ts';
import { waitFor } from '../../../test/harness/wait-for.ts';
import { createNodeAgent } from '../node-api/index.ts';
import { KnownHosts, openSession, Secret, type SshSession } from '../ssh/index.ts';
import { HostLinks } from './host-links.ts';

let clean: AsyncDisposableStack;
let folder: string;
let server: TestServer;
let links: HostLinks;
let opened: SshSession[];
let attempts: number;
let password: string;

beforeEach(async () => {
  clean = new AsyncDisposableStack();
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-link-'));
  clean.defer(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'home', 'releases', '1.2.3'), { recursive: true });
  await mkdir(join(folder, 'home', 'releases', '1.2.4'));
  await symlink('releases/1.2.3', join(folder, 'home', 'current'));
  // a service manager that says what the file beside it says
  await writeFile(join(folder, 'systemctl'), `#!/bin/sh\ncat ${join(folder, 'unit')}\n`, { mode: 0o755 });
  await writeFile(join(folder, 'unit'), unit('active', process.pid));
  await writeFile(join(folder, 'sudo'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  server = await TestServer.start({ rules: { password: 'right' }, environment: { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` } });
  clean.defer(() => server.stop());
  const knownHosts = new KnownHosts(join(folder, 'known_hosts'), []);
  await knownHosts.trust('127.0.0.1', server.port, server.hostKey);
  opened = [];
  attempts = 0;
  password = 'right';
  links = new HostLinks({
    open: async (_hostId, signal) => {
      attempts += 1;
      const session = await openSession({ address: '127.0.0.1', port: server.port, user: 'ops', jump: [] }, [{ kind: 'password', password: new Secret(password) }], knownHosts, { signal });
      opened.push(session);
      return session;
    },
    target: () => ({ unit: 'some.service', home: join(folder, 'home'), filestore: folder }),
    runtime: process.execPath,
  });
  clean.defer(() => links.close());
});
afterEach(() => clean.disposeAsync());

function unit(state: string, pid: number): string {
  return `LoadState=loaded\nActiveState=${state}\nSubState=running\nResult=success\nNRestarts=2\nMainPID=${pid}\nUnitFileState=enabled\nStateChangeTimestampMonotonic=5000000\n`;
}

const watched = (): boolean => true;

describe('the kept connection to a host', () => {
  it('tells what the host says of itself, its service and its process, through one command', async () => {
    links.holdFor('h', watched);
    const { state } = links.link('h');
    await waitFor('facts', () => Promise.resolve(typeof state.value.vitals?.cpuPercent === 'number' && state.value.vitals.disks.length === 3));
    expect(state.value).toMatchObject({ reachability: 'reachable', problem: null });
    const { raw, releases, disks, clockOffsetMs } = state.value.vitals!;
    expect(raw).toMatchObject({ hostname: hostname(), process: { pid: process.pid } });
    expect(Object.fromEntries(raw.unit)).toMatchObject({ ActiveState: 'active', NRestarts: '2', MainPID: String(process.pid) });
    expect(raw.process?.openFiles).toBeGreaterThan(3);
    expect(raw.memoryTotalBytes).toBeGreaterThan(raw.memoryAvailableBytes);
    expect(releases).toMatchObject({ installed: '1.2.3', names: ['1.2.3', '1.2.4'] });
    expect(disks.map(({ purpose }) => purpose).sort()).toEqual(['filestore', 'opt', 'root']);
    expect(Math.abs(clockOffsetMs!)).toBeLessThan(1000);
    expect(opened).toHaveLength(1);
    await writeFile(join(folder, 'unit'), unit('failed', 0));
    await waitFor('the failed service', () => Promise.resolve(state.value.vitals?.raw.unit.get('ActiveState') === 'failed'));
    expect(state.value.vitals?.raw.process).toBeNull();
  });

  it('is made again after a loss, and shared by all who need it', async () => {
    links.holdFor('h', watched);
    const { state } = links.link('h');
    await waitFor('the first answer', () => Promise.resolve(state.value.vitals !== null));
    const seen: string[] = [];
    state.onChange(() => { if (seen.at(-1) !== state.value.reachability) seen.push(state.value.reachability); });
    const first = await links.link('h').session();
    expect(first).toBe(opened[0]);
    await first.close();
    await waitFor('another session', () => Promise.resolve(opened.length === 2 && state.value.reachability === 'reachable'));
    expect(await links.link('h').session()).toBe(opened[1]);
  });

  it('says that a host is unreachable, and since when it was heard last', async () => {
    links.holdFor('h', watched);
    const { state } = links.link('h');
    await waitFor('the first answer', () => Promise.resolve(state.value.vitals !== null));
    const before = Date.now();
    await server.stop();
    await waitFor('the loss', () => Promise.resolve(state.value.reachability === 'unreachable'));
    expect(state.value.since).toBeLessThanOrEqual(Date.now());
    expect(state.value.since).toBeGreaterThan(before - 5000);
    expect(state.value.problem?.code).toMatch(/HOST_UNREACHABLE|SSH_CONNECTION_LOST/);
  });

  it('does not knock again after a refused login', async () => {
    password = 'wrong';
    links.holdFor('h', watched);
    const { state } = links.link('h');
    await waitFor('the refusal', () => Promise.resolve(state.value.reachability === 'refused'));
    expect(state.value.problem?.code).toBe('AUTH_FAILED');
    await expect(links.link('h').session()).rejects.toMatchObject({ code: 'AUTH_FAILED' });
    expect(attempts).toBe(1);
    password = 'right';
    links.link('h').retry();
    await waitFor('the login', () => Promise.resolve(state.value.reachability === 'reachable'));
  });

  it('lets go when nobody holds it', async () => {
    const release = links.holdFor('h', watched);
    await waitFor('the first answer', () => Promise.resolve(links.link('h').state.value.vitals !== null));
    release();
    await waitFor('the end of the session', () => Promise.resolve(opened[0]?.closed.aborted === true));
  });
});

describe('the way to a node', () => {
  let node: Server;
  let url: string;
  beforeEach(async () => {
    node = createServer((asked, answer) => { answer.end(`${asked.method ?? ''} ${asked.url ?? ''} ÄÖ`.repeat(2000)); });
    await new Promise<void>((resolve) => { node.listen(0, '127.0.0.1', resolve); });
    clean.defer(() => new Promise<void>((resolve) => { node.closeAllConnections(); node.close(() => resolve()); }));
    // an address of no machine (RFC 5737): only through the host is it reached
    url = `http://192.0.2.1:${(node.address() as AddressInfo).port}`;
  });

  async function ask(path: string): Promise<string> {
    const agent = createNodeAgent((host) => links.find(host));
    try {
      return await (await request(`${url}${path}`, { dispatcher: agent })).body.text();
    } finally {
      await agent.destroy();
    }
  }

  it('leads through the host when the port is closed to this machine', async () => {
    const road = links.road('h', url);
    expect(await ask('/a')).toBe('GET /a ÄÖ'.repeat(2000));
    expect(road.api).toEqual({ way: 'ssh-forward', problem: null });
  });

  it('leads through a command when the host forwards nothing', async () => {
    const road = links.road('h', url);
    const session = await links.link('h').session();
    Object.assign(session, { forward: () => Promise.reject(new BulkheadError('FORWARDING_DENIED')) });
    expect(await ask('/b')).toBe('GET /b ÄÖ'.repeat(2000));
    expect(road.api).toEqual({ way: 'ssh-command', problem: null });
  });

  it('carries any bytes through a command, both ways, however slowly they are read', async () => {
    const echo = createServer((asked, answer) => { asked.pipe(answer); });
    await new Promise<void>((resolve) => { echo.listen(0, '127.0.0.1', resolve); });
    clean.defer(() => new Promise<void>((resolve) => { echo.closeAllConnections(); echo.close(() => resolve()); }));
    const address = `http://192.0.2.1:${(echo.address() as AddressInfo).port}`;
    links.road('h', address);
    Object.assign(await links.link('h').session(), { forward: () => Promise.reject(new BulkheadError('FORWARDING_DENIED')) });
    const agent = createNodeAgent((host) => links.find(host));
    clean.defer(() => agent.destroy());
    const sent = randomBytes(3_500_000);
    const { body } = await request(address, { dispatcher: agent, method: 'PUT', body: sent });
    const received: Buffer[] = [];
    for await (const piece of body as AsyncIterable<Buffer>) {
      received.push(piece);
      await new Promise((resolve) => { setImmediate(resolve); });
    }
    expect(Buffer.concat(received).equals(sent)).toBe(true);
  });

  it('says what stands in the way', async () => {
    const road = links.road('h', url);
    await new Promise<void>((resolve) => { node.close(() => resolve()); });
    await expect(ask('/c')).rejects.toThrow();
    expect(road.api).toMatchObject({ way: 'none', problem: { code: expect.stringMatching(/FORWARDING_FAILED/) as string } });
    await server.stop();
    await waitFor('the loss', () => Promise.resolve(opened[0]?.closed.aborted === true));
    await expect(ask('/d')).rejects.toThrow();
    expect(road.api).toMatchObject({ way: 'none', problem: { code: 'HOST_UNREACHABLE' } });
  });
});
