import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ClusterKeys } from '../../security/rotating-secrets.ts';
import { until } from '../coherence/in-memory-members.ts';
import type { MeshMessage } from './messages.ts';
import { meshPath, WsMesh, type Reachable } from './ws-mesh.ts';

const clusterId = randomUUID();
const key = randomBytes(32);
const running: { mesh: WsMesh; server: Server }[] = [];

interface Member extends Reachable {
  readonly mesh: WsMesh;
  readonly keys: ClusterKeys;
  readonly server: Server;
  readonly seen: string[];
  readonly got: MeshMessage[];
  readonly sockets: Set<Socket>;
}

async function member(nodeId: string, options: { key?: Buffer; cluster?: string } = {}): Promise<Member> {
  const incarnation = randomUUID();
  const keys = new ClusterKeys([options.key ?? key]);
  const mesh = new WsMesh({ cluster: options.cluster ?? clusterId, incarnation, nodeId, version: '1', keys }, { handshakeMs: 2000, pingMs: 50, silenceMs: 2000 });
  const server = createServer();
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => { sockets.add(socket); });
  server.on('upgrade', (request, socket, head) => { mesh.accept(request, socket, head); });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const seen: string[] = [];
  const got: MeshMessage[] = [];
  mesh.listen({ opened: (peer) => seen.push(`+${peer.nodeId}`), closed: (peer) => seen.push(`-${peer.nodeId}`), message: (_peer, message) => got.push(message) });
  running.push({ mesh, server });
  return { incarnation, nodeId, url: `http://127.0.0.1:${String(port)}`, mesh, keys, server, seen, got, sockets };
}

afterEach(() => {
  for (const { mesh, server } of running.splice(0)) {
    mesh.close();
    server.close();
    server.closeAllConnections();
  }
});

const meet = (...members: Member[]): void => { for (const each of members) each.mesh.setMembers(members, performance.now()); };
const linked = (a: Member, b: Member): boolean => a.mesh.isLinked(b.incarnation) && b.mesh.isLinked(a.incarnation);
/** Both have dialed, and one link is left: the one that loses may have been open for a moment, and what is sent over it is lost. */
const settled = (a: Member, b: Member): boolean =>
  a.sockets.size > 0 && b.sockets.size > 0 && [...a.sockets, ...b.sockets].filter(({ destroyed }) => !destroyed).length === 1 && linked(a, b);

test('members that dial each other at once end with one link, and messages arrive in order', async () => {
  const [a, b] = [await member('a'), await member('b')];
  meet(a, b);
  await until(() => settled(a, b));
  for (let number = 0; number < 200; number += 1) a.mesh.send(b.incarnation, { t: 'release', number });
  await until(() => b.got.length >= 200);
  expect(b.got.map((message) => (message.t === 'release' ? message.number : -1))).toEqual(Array.from({ length: 200 }, (_, number) => number));
  expect(a.seen.filter((each) => each === '+b').length - a.seen.filter((each) => each === '-b').length).toBe(1);
});

test('who does not know the cluster key, or is of another cluster, gets no link', async () => {
  const [a, thief, stranger] = [await member('a'), await member('b', { key: randomBytes(32) }), await member('c', { cluster: randomUUID() })];
  meet(a, thief, stranger);
  await Promise.all([a.mesh.dialAll(), thief.mesh.dialAll(), stranger.mesh.dialAll()]);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect([a.seen, thief.seen, stranger.seen]).toEqual([[], [], []]);
});

test('members with different current keys are linked while each accepts both, and not any more afterwards', async () => {
  const [a, b] = [await member('a'), await member('b')];
  const next = randomBytes(32);
  a.keys.replace([key, next]);
  b.keys.replace([next, key]);
  meet(a, b);
  await until(() => linked(a, b));
  a.keys.replace([key]);
  b.keys.replace([next]);
  for (const socket of [...a.sockets, ...b.sockets]) socket.destroy();
  await until(() => !linked(a, b));
  await Promise.all([a.mesh.dialAll(), b.mesh.dialAll()]);
  expect([a.mesh.isLinked(b.incarnation), b.mesh.isLinked(a.incarnation)]).toEqual([false, false]);
});

test('a socket that does not prove itself is closed, and so is one that sends rubbish', async () => {
  const a = await member('a');
  const closes = (first?: string): Promise<void> => new Promise((resolve) => {
    const socket = new WebSocket(`${a.url.replace('http', 'ws')}${meshPath}`);
    socket.on('open', () => { if (first !== undefined) socket.send(first); });
    socket.on('error', () => undefined);
    socket.on('close', () => { resolve(); });
  });
  await Promise.all([closes(), closes('{}'), closes('not json'), closes(JSON.stringify({ t: 'release', number: 1 }))]);
  expect(a.got).toEqual([]);
});

test('requests that are no handshake do not shut the mesh for members', async () => {
  const [a, b] = [await member('a'), await member('b')];
  const refused = (): Promise<string> => new Promise((resolve) => {
    let answer = '';
    const socket = connect(Number(new URL(a.url).port), '127.0.0.1');
    socket.on('data', (chunk) => { answer += chunk.toString(); }).on('error', () => undefined).on('close', () => { resolve(answer); });
    socket.write(`GET ${meshPath} HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`);
  });
  for (let count = 0; count < 70; count += 1) expect(await refused()).toContain('400');
  b.mesh.setMembers([a, b], performance.now());
  await until(() => linked(a, b));
});

test('a link that breaks is told at once and dialed again; one to somebody who is no member any more is closed', async () => {
  const [a, b] = [await member('a'), await member('b')];
  meet(a, b);
  await until(() => settled(a, b));
  const before = a.seen.length;
  for (const socket of [...a.sockets, ...b.sockets]) socket.destroy();
  await until(() => a.seen.slice(before).includes('-b'));
  await until(() => linked(a, b));
  a.mesh.setMembers([a], performance.now());
  await until(() => !a.mesh.isLinked(b.incarnation));
});

test('a peer that falls silent is given up', async () => {
  const a = await member('a');
  const b = await member('b');
  meet(a, b);
  await until(() => linked(a, b));
  // a host that is gone answers nothing: here the bytes are swallowed on the way
  const proxy = createServer();
  let swallow = (): void => undefined;
  proxy.on('upgrade', (request, socket) => {
    const { port } = new URL(b.url);
    const far = connect(Number(port), '127.0.0.1');
    const headers = Object.entries(request.headers).map(([name, value]) => `${name}: ${String(value)}`).join('\r\n');
    far.write(`GET ${request.url ?? ''} HTTP/1.1\r\n${headers}\r\n\r\n`);
    socket.pipe(far);
    far.pipe(socket);
    const end = (): void => { socket.destroy(); far.destroy(); };
    socket.on('error', end).on('close', end);
    far.on('error', end).on('close', end);
    swallow = () => { socket.unpipe(far); far.unpipe(socket); };
  });
  await new Promise<void>((resolve) => { proxy.listen(0, '127.0.0.1', resolve); });
  const address = proxy.address();
  const through = `http://127.0.0.1:${String(typeof address === 'object' && address !== null ? address.port : 0)}`;
  const c = await member('c');
  c.mesh.setMembers([{ ...b, url: through }], performance.now());
  await until(() => c.mesh.isLinked(b.incarnation));
  swallow();
  await until(() => c.seen.includes('-b'));
  c.mesh.close();
  proxy.close();
  proxy.closeAllConnections();
});

test('messages of a later version are skipped, and their fields left out; what is malformed still ends the link', async () => {
  const [a, b] = [await member('a'), await member('b')];
  meet(a, b);
  await until(() => settled(a, b));
  const closings = (): number => b.seen.filter((each) => each === '-a').length;
  const before = closings();
  const later = (message: object): boolean => a.mesh.send(b.incarnation, message as MeshMessage);
  later({ t: 'of-a-later-version', number: 1 });
  later({ t: 'release', number: 2, added: 'later' });
  await until(() => b.got.length > 0);
  expect(b.got).toEqual([{ t: 'release', number: 2 }]);
  expect(linked(a, b)).toBe(true);
  expect(closings()).toBe(before);
  later({ t: 'release', number: 'two' });
  await until(() => closings() > before);
});
