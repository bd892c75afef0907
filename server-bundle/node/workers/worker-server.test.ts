import { once } from 'node:events';
import Fastify from 'fastify';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RequestCount } from '../in-flight.ts';
import type { FromWorker } from './messages.ts';
import { WorkerServer } from './worker-server.ts';

let node: Server;
let client: Socket;
beforeEach(async () => {
  node = createServer().listen(0, '127.0.0.1');
  await once(node, 'listening');
});
afterEach(async () => {
  client.destroy();
  node.close();
  await once(node, 'close');
});

/** The node's end of a client's new connection. */
async function connection(): Promise<Socket> {
  client = connect((node.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
  const [socket] = await once(node, 'connection') as [Socket];
  return socket;
}

test('says of each connection that was sent whether it has arrived', async () => {
  const said: FromWorker[] = [];
  const server = new WorkerServer(Fastify(), (message) => { said.push(message); });
  await server.ready();
  server.take(await connection());
  server.sent();
  server.sent();
  expect(said).toEqual([{ t: 'accepted' }, { t: 'refused' }]);
  await server.stop(new RequestCount(), 0);
});

test('lets the last answers arrive before it closes, and ends what the app has begun', async () => {
  const app = Fastify();
  const asked = vi.fn();
  const ended = vi.fn();
  app.get('/', async () => {
    asked();
    await new Promise((resolve) => setTimeout(resolve, 100));
    return 'late';
  });
  app.addHook('onClose', () => { ended(); return Promise.resolve(); });
  const server = new WorkerServer(app, () => undefined);
  await server.ready();
  server.take(await connection());
  client.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  await expect.poll(() => asked.mock.calls.length).toBe(1);
  const answer = once(client, 'data') as Promise<[Buffer]>;
  await server.stop(new RequestCount(), 0);
  expect((await answer)[0].toString()).toContain('late');
  expect(ended).toHaveBeenCalledOnce();
});

test('does not wait for a mesh link that it has given away', async () => {
  const away: Socket[] = [];
  const app = Fastify();
  const server = new WorkerServer(app, (_message, socket) => { if (socket !== undefined) away.push(socket); });
  await server.ready();
  server.take(await connection());
  client.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
  await expect.poll(() => away.length).toBe(1);
  // it would look at its connections again and again as long as there are any
  const looks = vi.spyOn(app.server, 'closeIdleConnections');
  await server.stop(new RequestCount(), 0);
  expect(looks.mock.calls.length).toBeLessThan(5);
  away[0]!.destroy();
});
