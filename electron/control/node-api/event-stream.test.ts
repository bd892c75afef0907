import { expect, it } from 'vitest';
import { parseEventStream, type ServerSentEvent } from './event-stream.ts';

async function parse(...chunks: string[]): Promise<ServerSentEvent[]> {
  const encoded = chunks.map((chunk) => new TextEncoder().encode(chunk));
  const events: ServerSentEvent[] = [];
  for await (const event of parseEventStream((async function* () { yield* await Promise.resolve(encoded); })())) events.push(event);
  return events;
}

it('puts events together however they are cut', async () => {
  const text = ': hello\n\nid: 7\nevent: node.joined\ndata: {"a":\ndata: 1}\n\nid:8\ndata:x\n\n';
  const whole = [{ event: 'node.joined', id: '7', data: '{"a":\n1}' }, { event: 'message', id: '8', data: 'x' }];
  expect(await parse(text)).toEqual(whole);
  expect(await parse(...Array.from(text))).toEqual(whole);
  expect(await parse(text.replaceAll('\n', '\r\n'))).toEqual(whole);
});

it('does not deliver an event that was cut off', async () => {
  expect(await parse('data: whole\n\ndata: half\n')).toEqual([{ event: 'message', id: '', data: 'whole' }]);
});

it('refuses a line without end', async () => {
  await expect(parse('x'.repeat(1024 * 1024 + 1))).rejects.toThrow('too long');
});
