/**
 * Holds connections open against a server, in a process of its own: `idle` ones that have asked once and stay, and `slow` ones that ask for a large
 * file again and again and read a piece of it every two seconds. Says when all are there, and ends with its parent.
 */
import { connect, type Socket } from 'node:net';
import { z } from 'zod';

const settings = z.object({ port: z.number(), authorization: z.string(), small: z.string(), large: z.string(), idle: z.number(), slow: z.number() });
const { port, authorization, small, large, idle, slow } = settings.parse(JSON.parse(process.argv[2] ?? ''));
const pieceBytes = 16 * 1024;
let refused = 0;
let closed = 0;

const ask = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: bench\r\nAuthorization: ${authorization}\r\n\r\n`;

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(ask(path)));
    socket.once('data', (first: Buffer) => {
      if (!first.subarray(0, 12).toString('latin1').endsWith('200')) refused += 1;
      resolve(socket);
    });
    socket.once('error', reject);
    socket.on('close', () => { closed += 1; });
  });
}

function readSlowly(socket: Socket): void {
  socket.pause();
  setInterval(() => {
    if (socket.read(pieceBytes) === null) socket.read();
  }, 2000);
}

async function inTurns(count: number, path: string, then: (socket: Socket) => void): Promise<void> {
  for (let done = 0; done < count; done += 100) {
    for (const socket of await Promise.all(Array.from({ length: Math.min(100, count - done) }, () => open(path)))) then(socket);
  }
}

process.on('message', () => { process.send?.({ refused, closed }); });
await inTurns(idle, small, (socket) => { socket.resume(); });
await inTurns(slow, large, readSlowly);
process.send?.('ready');
