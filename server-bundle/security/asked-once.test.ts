import { expect, it } from 'vitest';
import type { Reader, ReadKey } from '../cluster/ports.ts';
import { askedOnce } from './asked-once.ts';

const transaction = (): Reader => ({}) as Reader;

it('asks each key once in a transaction, and again in the next one', async () => {
  const asked: string[] = [];
  const read: ReadKey = (key, fill) => {
    asked.push(key);
    return fill(undefined as never);
  };
  const [first, second] = [transaction(), transaction()];
  const look = (trx: Reader, key: string, answer: object | undefined): Promise<object | undefined> => askedOnce(trx, read)(key, () => Promise.resolve(answer));
  const ada = {};
  expect(await look(first, 'user:ada', ada)).toBe(ada);
  expect(await look(first, 'user:ada', {})).toBe(ada);
  // absence is an answer too
  expect(await look(first, 'user:eve', undefined)).toBeUndefined();
  expect(await look(first, 'user:eve', {})).toBeUndefined();
  expect(asked).toEqual(['user:ada', 'user:eve']);
  expect(await look(second, 'user:ada', {})).not.toBe(ada);
  expect(asked).toEqual(['user:ada', 'user:eve', 'user:ada']);
});
