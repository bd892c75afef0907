import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { answerClientError } from './client-errors.ts';

/** What a server that waits 100 ms for headers says on a connection on which `text` was sent. */
async function said(text: string): Promise<string> {
  const server = createServer({ headersTimeout: 100, connectionsCheckingInterval: 50 });
  server.on('clientError', answerClientError(pino({ level: 'silent' }), () => 'none') as (error: Error) => void);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const pieces: Buffer[] = [];
  socket.on('data', (piece: Buffer) => pieces.push(piece));
  socket.on('error', () => undefined);
  if (text !== '') socket.write(text);
  await once(socket, 'close');
  server.close();
  return Buffer.concat(pieces).toString();
}

test('a connection whose headers never end is told so, one that was never used is closed without a word', async () => {
  expect(await said('GET / HTTP/1.1\r\nHost: h\r\n')).toMatch(/^HTTP\/1\.1 408 /);
  expect(await said('')).toBe('');
});
