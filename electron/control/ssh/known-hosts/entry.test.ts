import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { knownHostsName, matchesHost, parseKnownHosts } from './entry.ts';

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAOtyKH8XnBux5CQ+Y2oXcgP7LO+w6DYk9Okhan9itoq';
const first = (text: string) => parseKnownHosts(text)[0]!;

test('plain names, ports, wildcards and exceptions', () => {
  expect(matchesHost(first(`host,[host]:2222 ${key}`), knownHostsName('HOST', 22))).toBe(true);
  expect(matchesHost(first(`host ${key}`), knownHostsName('host', 2222))).toBe(false);
  expect(matchesHost(first(`[host]:2222 ${key}`), knownHostsName('host', 2222))).toBe(true);
  expect(matchesHost(first(`*.lan,!bad.lan ${key}`), 'good.lan')).toBe(true);
  expect(matchesHost(first(`*.lan,!bad.lan ${key}`), 'bad.lan')).toBe(false);
});

test('hashed names', () => {
  const salt = Buffer.from('0123456789abcdefghij');
  const hash = createHmac('sha1', salt).update('[host]:2222').digest('base64');
  const entry = first(`|1|${salt.toString('base64')}|${hash} ${key}`);
  expect(matchesHost(entry, '[host]:2222')).toBe(true);
  expect(matchesHost(entry, 'host')).toBe(false);
});

test('markers are read, comments and broken lines are not', () => {
  expect(parseKnownHosts(`# x\n@revoked * ${key}\n@new * ${key}\nhost ssh-rsa AAAA\n@cert-authority * ${key} c`).map(({ marker, line }) => [marker, line])).toEqual([['revoked', 2], ['cert-authority', 5]]);
});
