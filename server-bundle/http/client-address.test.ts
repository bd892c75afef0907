import { expect, test } from 'vitest';
import { addressRanges, replayKeyOf, requestIds } from './client-address.ts';

test('addresses and ranges, in either notation', () => {
  const trusted = addressRanges(['10.0.0.0/8', '192.168.1.5', 'fd00::/8']);
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '192.168.1.5', 'fd12::1']) expect([address, trusted(address)]).toEqual([address, true]);
  for (const address of ['11.0.0.1', '192.168.1.6', '::1', '', undefined, 'unknown']) expect([address, trusted(address)]).toEqual([address, false]);
});

test('nobody is trusted unless somebody is named', () => {
  expect(addressRanges([])('127.0.0.1')).toBe(false);
});

test('a replay key is bound to who asks for what', () => {
  const key = replayKeyOf('id', 'bob', 'PUT', '/a');
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect(new Set([key, replayKeyOf('id2', 'bob', 'PUT', '/a'), replayKeyOf('id', 'eve', 'PUT', '/a'), replayKeyOf('id', 'bob', 'DELETE', '/a'), replayKeyOf('id', 'bob', 'PUT', '/b')]).size).toBe(5);
  for (const id of [undefined, '', 'a b', 'x'.repeat(129), ['a', 'b']]) expect(replayKeyOf(id, 'bob', 'PUT', '/a')).toBeNull();
});

test('a request id of a client is taken only when it fits into a log', () => {
  const of = requestIds('n');
  expect(of('build-7')).toBe('build-7');
  expect([of('a\nb'), of(undefined), of('x'.repeat(200))]).toEqual(['n-1', 'n-2', 'n-3']);
});
