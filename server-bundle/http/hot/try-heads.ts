import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { takeHeads } from './request-heads.ts';

/** Far longer than the trial takes, milliseconds. */
const longestMs = 2000;

/** One connection: what is taken, what is not, and what is taken again behind that. */
const requests = [
  'GET /a HTTP/1.1\r\nHost: h\r\nX-Test: 1\r\n\r\n', 'HEAD /b HTTP/1.1\r\nHost: h\r\n\r\n', 'GET /refused HTTP/1.1\r\nHost: h\r\n\r\n',
  'POST /c HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody', 'GET /d HTTP/1.1\r\nHost: h\r\n\r\n', 'GET /e HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n',
];
const expected = ['taken GET /a Host,h,X-Test,1', 'taken HEAD /b Host,h', 'left GET /refused ', 'left POST /c body', 'taken GET /d Host,h', 'left GET /e '];

/**
 * Tries on a connection in memory whether this Node.js hands heads over as `takeHeads` expects: those that are taken are answered, and all others reach the server, bodies
 * too, before and behind them.
 */
export async function tryHeads(): Promise<boolean> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('latin1').on('data', (text: string) => { body += text; }).on('end', () => {
      seen.push(`left ${request.method ?? ''} ${request.url ?? ''} ${body}`);
      response.end('left');
    });
  });
  const [client, connection] = duplexPair();
  // Node.js's own time-outs work on sockets
  const socket = Object.assign(connection, { setTimeout: () => connection }) as unknown as Socket;
  const late = setTimeout(() => { client.destroy(); }, longestMs);
  try {
    server.emit('connection', socket);
    const ready = takeHeads(socket, ({ method, target, fields }) => {
      if (target === '/refused') return false;
      seen.push(`taken ${method} ${target} ${fields.join()}`);
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ntaken');
      return true;
    }, 0);
    if (!ready) return false;
    let answers = 0;
    const ended = new Promise<void>((resolve) => { client.once('close', resolve).once('error', () => { resolve(); }); });
    client.setEncoding('latin1').on('data', (text: string) => {
      // one after the other, when the server is done with the one before
      answers += text.split('HTTP/1.1 200 OK').length - 1;
      if (answers < requests.length) setImmediate(() => { client.write(requests[answers] ?? ''); });
      else client.destroy();
    });
    client.write(requests[0] ?? '');
    await ended;
    return seen.join('\n') === expected.join('\n');
  } catch {
    return false;
  } finally {
    clearTimeout(late);
    client.destroy();
    connection.destroy();
    server.close();
  }
}
