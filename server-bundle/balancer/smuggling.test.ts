import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { FakeNode } from './testing/fake-node.ts';
import { startBalancer } from './testing/start-balancer.ts';

/** Sends bytes as they are; resolves to everything that comes back until the other side closes. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  socket.on('error', () => undefined);
  socket.write(text);
  await once(socket, 'close');
  return Buffer.concat(pieces).toString('latin1');
}

const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n';

it.each([
  ['both framings', `PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
  ['two lengths', `PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde${smuggled}`],
  ['a list of lengths', `PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 4, 5\r\n\r\nabcde${smuggled}`],
  ['a signed length', `PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: +4\r\n\r\nabcd${smuggled}`],
  ['another coding', `PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`],
  ['a coding beside chunked', `PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n${smuggled}`],
  ['chunked in HTTP/1.0', `PUT /x HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
  ['a space before the colon', `PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length : 4\r\n\r\nabcd${smuggled}`],
  ['a bare line feed in a chunk size', `PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\n\n${smuggled}`],
  ['a folded header', `PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\r\n chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${smuggled}`],
  ['no host', 'GET /x HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ['headers that are too long', `GET /x HTTP/1.1\r\nHost: h\r\nX-Long: ${'a'.repeat(40_000)}\r\n\r\n`],
])('refuses %s, and no node sees any of it', async (_what, text) => {
  using node = await FakeNode.start('a');
  await using front = await startBalancer([node]);
  const answer = await raw(front.port, text);
  expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(node.seen).toEqual([]);
});

it('cuts off a client that never finishes its headers, and one that stalls in its body', async () => {
  using node = await FakeNode.start('a');
  await using front = await startBalancer([node], { limits: { headersTimeoutMs: 200, idleTimeoutMs: 400 } });
  expect(await raw(front.port, 'GET /x HTTP/1.1\r\nHost: h\r\n')).toMatch(/^HTTP\/1\.1 408 /);
  expect(await raw(front.port, 'PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc')).toBe('');
  expect(await raw(front.port, '')).toBe('');
  expect(node.seen).toEqual([]);
});

it('does not blame a client for a slow node', async () => {
  using node = await FakeNode.start('a', (request, response) => {
    request.resume();
    setTimeout(() => response.end('at last'), 900);
  });
  await using front = await startBalancer([node], { limits: { idleTimeoutMs: 300 } });
  expect(await raw(front.port, 'GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n')).toContain('at last');
});

it('answers an early error to a client that is still sending', async () => {
  using node = await FakeNode.start('a', (_request, response) => { response.writeHead(401).end('who are you'); });
  await using front = await startBalancer([node], { limits: { bufferedBodyBytes: 10 } });
  const answer = await raw(front.port, `PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n${'a'.repeat(3_000_000)}`);
  expect(answer).toMatch(/^HTTP\/1\.1 401 [^]*who are you/);
});

it.each(['/artifactory/api/v1/cluster', '//artifactory/api%2Fv1/%6desh', 'http://h/api/v1/mesh'])('does not pass %s on', async (target) => {
  using node = await FakeNode.start('a');
  await using front = await startBalancer([node]);
  const answer = await raw(front.port, `GET ${target} HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 404 [^]*ROUTE_NOT_FOUND/);
  expect(node.seen).toEqual([]);
});
