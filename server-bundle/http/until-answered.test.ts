import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { waitFor } from '../../test/harness/wait-for.ts';
import { streamList } from './stream-list.ts';
import { untilAnswered } from './until-answered.ts';

test('a list is given up when its client hangs up, though nothing of it has been sent yet', async () => {
  let pages = 0;
  let ended = false;
  const failed = new AbortController();
  // nothing that is read is for this client
  const scan = async function* (wanted: AbortSignal): AsyncGenerator<string> {
    try {
      while (!failed.signal.aborted) {
        wanted.throwIfAborted();
        pages += 1;
        await new Promise(setImmediate);
      }
      yield 'the only one';
    } finally {
      ended = true;
    }
  };
  const app = Fastify();
  app.get('/list', (_request, reply) => reply.type('application/json').send(streamList({}, 'files', scan(untilAnswered(reply.raw)))));
  await app.listen({ port: 0, host: '127.0.0.1' });
  try {
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET /list HTTP/1.1\r\nHost: x\r\n\r\n');
    await waitFor('the scan', () => pages > 10);
    expect(ended).toBe(false);
    socket.destroy();
    await waitFor('its end', () => ended);
  } finally {
    failed.abort();
    await app.close();
  }
});
