import { expect, test } from 'vitest';
import { BulkheadError } from '../../contract/index.ts';
import { Calls, type CallMessage } from './calls.ts';

interface Sums { add(a: number, b: number): Promise<number>; refuse(): Promise<void>; break(): Promise<void>; wait(): Promise<void> }

/** Two ends of a channel that copies what it carries. */
function ends(): { caller: Calls<Sums, object>; other: Calls<object, Sums> } {
  const caller = new Calls<Sums, object>((message: CallMessage) => { setImmediate(() => { other.take(structuredClone(message)); }); }, {});
  const other = new Calls<object, Sums>((message: CallMessage) => { setImmediate(() => { caller.take(structuredClone(message)); }); }, {
    add: (a: number, b: number) => Promise.resolve(a + b),
    refuse: () => Promise.reject(new BulkheadError('NODE_NOT_FOUND', 'no n9', { details: { nodeId: 'n9' } })),
    break: () => Promise.reject(new TypeError('a secret')),
    wait: () => new Promise(() => undefined),
  });
  return { caller, other };
}

test('answers find their questions', async () => {
  const { caller } = ends();
  expect(await Promise.all([caller.call('add', 1, 2), caller.call('add', 3, 4)])).toEqual([3, 7]);
});

test('an error arrives with its code, message and details; a defect tells nothing', async () => {
  const { caller } = ends();
  await expect(caller.call('refuse')).rejects.toMatchObject({ code: 'NODE_NOT_FOUND', message: 'no n9', details: { nodeId: 'n9' } });
  const defect = await caller.call('break').catch((error: unknown) => error);
  expect(defect).toMatchObject({ code: 'INTERNAL' });
  expect(JSON.stringify(defect)).not.toContain('secret');
});

test('nobody waits for a process that has ended', async () => {
  const { caller } = ends();
  const asked = caller.call('wait');
  caller.end();
  await expect(asked).rejects.toMatchObject({ code: 'NOT_SERVING' });
  await expect(caller.call('add', 1, 2)).rejects.toMatchObject({ code: 'NOT_SERVING' });
});
