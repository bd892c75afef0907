import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostAddressText, newHost, parseHostAddress, parseLogin, suggestedHostName } from './index.ts';

test.each([
  ['ops@10.0.4.11', { user: 'ops', address: '10.0.4.11', port: 22 }],
  [' ops@web-1.lan:2222\n', { user: 'ops', address: 'web-1.lan', port: 2222 }],
  ['web-1', { user: null, address: 'web-1', port: 22 }],
  ['ops@[fe80::1%eth0]:2222', { user: 'ops', address: 'fe80::1%eth0', port: 2222 }],
  ['ops@fd00::11', { user: 'ops', address: 'fd00::11', port: 22 }],
  ['[::1]', { user: null, address: '::1', port: 22 }],
  ['ssh://ops@web-1:2222/', { user: 'ops', address: 'web-1', port: 2222 }],
  ['SSH://o%40corp@[::1]:22', { user: 'o@corp', address: '::1', port: 22 }],
  [String.raw`CORP\ada@web-1:2222`, { user: String.raw`CORP\ada`, address: 'web-1', port: 2222 }],
  ['ssh://CORP%5Cada@web-1', { user: String.raw`CORP\ada`, address: 'web-1', port: 22 }],
  ['name@corp@web-1', { user: 'name@corp', address: 'web-1', port: 22 }],
])('reads %s', (text, address) => {
  expect(parseHostAddress(text)).toEqual(address);
});

test.each([
  ['', 'nothing is written'], ['ops@', 'host is missing'], ['@web', 'user before "@" is missing'], ['ops@web:', 'port after ":" is missing'], ['ops@web:0', 'not a port'], ['ops@web:65536', 'not a port'],
  ['ops@web:22:33', 'needs brackets'], ['ops@[::1', 'brackets'], ['ops@[web web]', 'a space'], ['ops@300.1.1.1', 'not an IPv4'], ['ops@10.0.0', 'not an IPv4'], ['http://web', 'no SSH address'],
  ['ssh://ops@web/path', 'path'], ['ssh web', 'a space'], ['ops@-web', 'not the name'], ['-oProxyCommand=x@web', 'not the name of a user'], ['ops@web;id', 'not the name'], ['ops:canary@web', 'not the name of a user'], [String.raw`\ada@web`, 'not the name of a user'], [String.raw`CORP\@web`, 'not the name of a user'], [String.raw`a\b\c@web`, 'not the name of a user'], ['ssh://ops:canary@web', 'password does not belong'],
])('refuses %s, and says why', (text, why) => {
  expect(() => parseHostAddress(text)).toThrow(expect.objectContaining({ code: 'ARGUMENT_INVALID', message: expect.stringContaining(why) as string }));
});

test('a password in a URL is never repeated', () => {
  expect(() => parseHostAddress('ssh://ops:canary@web')).toThrow(expect.not.objectContaining({ message: expect.stringContaining('canary') as string }));
});

test('a login needs a user', () => {
  expect(() => parseLogin('web')).toThrow(expect.objectContaining({ message: expect.stringContaining('as whom') as string }));
});

const part = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/).filter((text) => !/^\d+$/.test(text));
const place = fc.oneof(fc.ipV4(), fc.ipV6(), fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.')));

test('what is written is read back, and is taken as a host', () => {
  fc.assert(fc.property(fc.stringMatching(/^[a-z_][a-z0-9_-]{0,10}(@corp\.example)?$/), place, fc.integer({ min: 1, max: 65_535 }), (user, address, port) => {
    expect(parseHostAddress(hostAddressText({ user, address, port }))).toEqual({ user, address, port });
    expect(newHost.safeParse({ name: suggestedHostName(address), address, port, user, auth: { kind: 'agent' } }).success).toBe(true);
  }));
});

test('names for hosts', () => {
  expect(['web-1.lan.example', '10.0.4.11', 'fe80::1', 'Web_1', '::'].map(suggestedHostName)).toEqual(['web-1', '10.0.4.11', 'fe80-1', 'web-1', 'host']);
});
