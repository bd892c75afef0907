import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeHeads } from './request-heads.ts';
import { tryHeads } from './try-heads.ts';

const idleMs = 1000;
/** How long the server takes for what is not taken. */
let longMs = 50;
let server: Server;
let client: Socket;
let taken: string[];

beforeEach(async () => {
  taken = [];
  longMs = 50;
  server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    let body = '';
    request.setEncoding('latin1').on('data', (text: string) => { body += text; }).on('end', () => {
      setTimeout(() => { response.end(`[long ${request.method ?? ''} ${request.url ?? ''}${body}]`); }, longMs);
    });
  });
  server.on('connection', (socket) => {
    takeHeads(socket, ({ method, target }) => {
      if (!target.startsWith('/hot')) return false;
      taken.push(`${method} ${target}`);
      const body = `[hot ${target}]`;
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${String(body.length)}\r\n\r\n${method === 'HEAD' ? '' : body}`);
      return true;
    }, idleMs);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  client = connect((server.address() as AddressInfo).port, '127.0.0.1').setEncoding('latin1');
});
afterEach(() => {
  client.destroy();
  server.closeAllConnections();
  server.close();
});

const ask = (method: string, target: string, more = ''): string => `${method} ${target} HTTP/1.1\r\nHost: h\r\n${more}\r\n`;

/** Bodies of the answers, in their order, once there are as many. */
async function bodies(count: number): Promise<string[]> {
  let text = '';
  const found = (): string[] => text.match(/\[[^\]]*\]/g) ?? [];
  client.on('data', (more: string) => { text += more; });
  await expect.poll(() => found().length).toBeGreaterThanOrEqual(count);
  return found();
}

test('this Node.js allows it', async () => {
  expect(await tryHeads()).toBe(true);
});

test('what was sent in one piece is answered in its order', async () => {
  client.write([
    ask('GET', '/hot1'), ask('HEAD', '/hot2'), ask('POST', '/long3', 'Content-Length: 5\r\n').concat('-body'), ask('GET', '/hot4'), ask('GET', '/long5'),
  ].join(''));
  expect(await bodies(4)).toEqual(['[hot /hot1]', '[long POST /long3-body]', '[long GET /hot4]', '[long GET /long5]']);
  // the fourth was asked while another answer was under way
  expect(taken).toEqual(['GET /hot1', 'HEAD /hot2']);
  client.write(ask('GET', '/hot6'));
  expect(await bodies(1)).toEqual(['[hot /hot6]']);
  expect(taken.at(-1)).toBe('GET /hot6');
});

test.each([
  ['a method of its own', ask('PUT', '/hot', 'Content-Length: 0\r\n')], ['HTTP/1.0', 'GET /hot HTTP/1.0\r\n\r\n'], ['a last request', ask('GET', '/hot', 'Connection: close\r\n')],
])('%s is not taken', async (_what, text) => {
  client.write(text);
  expect((await bodies(1))[0]).toContain('[long');
  expect(taken).toEqual([]);
});

test('an idle connection ends, and one that waits for an answer does not', async () => {
  longMs = 3 * idleMs;
  client.write(ask('GET', '/hot'));
  await bodies(1);
  client.write(ask('GET', '/long'));
  expect(await bodies(1)).toEqual(['[long GET /long]']);
  client.write(ask('GET', '/hot'));
  await bodies(1);
  await once(client, 'close', { signal: AbortSignal.timeout(60_000) });
});

test('a head that comes in pieces is one', async () => {
  const text = ask('GET', '/hot', 'X-Long: abc\r\n');
  for (const piece of [text.slice(0, 9), text.slice(9, 30), text.slice(30)]) {
    client.write(piece);
    await pause(30);
  }
  expect((await bodies(1))[0]).toMatch(/\[(hot|long GET) \/hot\]/);
});
