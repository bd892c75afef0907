import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { answerHead, AnswerWriter, type AnswerHead } from './answer-bytes.ts';

let server: Server;
const clients: Socket[] = [];
beforeEach(async () => {
  server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
  server.close();
});

/** Both ends of a connection; nothing is read at the client's. */
async function pair(): Promise<{ client: Socket; socket: Socket }> {
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  clients.push(client);
  const [socket] = await accepted;
  // a client that is done before it has read everything resets
  for (const end of [client, socket]) end.on('error', () => undefined);
  return { client, socket };
}

const headOf = (fields: readonly string[]): AnswerHead => {
  const head = answerHead(fields, 75);
  if (head === null) throw new Error('it cannot be sent');
  return head;
};

test.each([1000, 200_000, 0])('an answer with %i bytes', async (size) => {
  const { client, socket } = await pair();
  const body = Buffer.alloc(size, 'b');
  const written = new AnswerWriter().write(socket, headOf(['content-length', String(size)]), 'id-1', body, () => undefined);
  socket.end();
  const text = Buffer.concat(await client.toArray() as Buffer[]).toString('latin1');
  expect(text).toMatch(/^HTTP\/1.1 200 OK\r\ncontent-length: \d+\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\nDate: \w{3}, [^\r]* GMT\r\nx-request-id: id-1\r\n\r\nb*$/);
  expect(text.slice(text.indexOf('\r\n\r\n') + 4)).toBe('b'.repeat(size));
  expect(written).toBe(text.length);
});

test('what one client has not fetched yet is not overwritten by the answer of another', async () => {
  const [slow, other] = [await pair(), await pair()];
  const writer = new AnswerWriter();
  const head = headOf([]);
  let answers = 0;
  let fetched = 0;
  while (slow.socket.writableLength === 0) {
    writer.write(slow.socket, head, 'slow', Buffer.alloc(40_000, 's'), () => { fetched += 1; });
    answers += 1;
  }
  writer.write(other.socket, head, 'other', Buffer.alloc(50_000, 'o'), () => undefined);
  await new Promise((resolve) => { setImmediate(resolve); });
  expect(fetched).toBe(answers - 1);
  slow.socket.end();
  const text = Buffer.concat(await slow.client.toArray() as Buffer[]).toString('latin1');
  expect(text.match(/s{40000}/g)).toHaveLength(answers);
  expect(text).not.toMatch(/o{9}|other/);
  expect(fetched).toBe(answers);
});

test('small answers that are not fetched wait side by side', async () => {
  const writer = new AnswerWriter();
  const rooms = new Set<ArrayBufferLike>();
  for (let reader = 0; reader < 10; reader += 1) {
    const { socket } = await pair();
    while (socket.writableLength === 0) socket.write(Buffer.alloc(1_000_000));
    const write = vi.spyOn(socket, 'write');
    writer.write(socket, headOf([]), 'id', Buffer.alloc(1024), () => undefined);
    rooms.add((write.mock.lastCall?.[0] as Buffer).buffer);
  }
  expect(rooms.size).toBe(1);
});

test('a field that cannot stand in a header makes no head', () => {
  expect(answerHead(['x', 'a\r\nb: c'], 75)).toBeNull();
  expect(answerHead(['x', '\u20ac'], 75)).toBeNull();
});
