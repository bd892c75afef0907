import { expect, test } from 'vitest';
import { ClusterKeys, DatabasePasswords, keyId, readKeys, readPasswords } from './rotating-secrets.ts';

const [a, b] = [Buffer.alloc(32, 'a'), Buffer.alloc(32, 'b')];

test('a key file holds one key a line, whatever ends the lines', () => {
  expect(readKeys(`${a.toString('base64')}\r\n\n${b.toString('base64')}\n`)).toEqual([a, b]);
  expect(readPasswords('old one\nnew: one\n')).toEqual(['old one', 'new: one']);
});

test('the first key is the current one, all are accepted, and ids tell them apart', () => {
  const keys = new ClusterKeys([a]);
  keys.replace([b, a]);
  expect(keys.current).toBe(b);
  expect(keys.accepted).toEqual([b, a]);
  expect(keys.ids()).toEqual([keyId(b), keyId(a)]);
  expect(keyId(a)).not.toBe(keyId(b));
  expect(() => { keys.replace([]); }).toThrow('needs a key');
  expect(keys.current).toBe(b);
});

test('a password that was refused goes behind the other; one that is not first any more changes nothing', () => {
  const passwords = new DatabasePasswords(['old', 'new']);
  passwords.refused('old');
  expect(passwords.current).toBe('new');
  passwords.refused('old');
  expect(passwords.current).toBe('new');
  passwords.refused('new');
  expect(passwords.current).toBe('old');
  passwords.replace(['newest']);
  passwords.refused('newest');
  expect(passwords.current).toBe('newest');
});
