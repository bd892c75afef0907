import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { refuseUpgrade } from './refused-upgrade.ts';

let server: Server;
const clients: Socket[] = [];
beforeEach(async () => {
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  server.close();
  await once(server, 'close');
});

/** A client that asked for an upgrade, and the server's end of its connection. */
async function asked(): Promise<{ client: Socket; socket: Socket }> {
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => undefined);
  clients.push(client);
  client.write('GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
  const [, socket] = await once(server, 'upgrade') as [unknown, Socket];
  return { client, socket };
}

const closed = (socket: Socket): Promise<void> => new Promise((resolve) => { socket.on('close', () => { resolve(); }); });

test('a client that resets its connection harms nobody', async () => {
  const { client, socket } = await asked();
  const end = closed(socket);
  client.resetAndDestroy();
  refuseUpgrade(socket);
  await end;
});

test('a client that does not close its side is let go of once it has the answer', async () => {
  const { client, socket } = await asked();
  const end = closed(socket);
  refuseUpgrade(socket);
  const [answer] = await once(client, 'data') as [Buffer];
  expect(answer.toString()).toContain('404');
  await end;
});
