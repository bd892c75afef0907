import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { addressRanges } from './client-address.ts';
import { forwardedAddress } from './forwarded-address.ts';

const proxies = ['127.0.0.1', '10.0.0.0/8'];

test.each([
  undefined, '', '192.0.2.1', '192.0.2.1, 10.1.2.3', '192.0.2.9,192.0.2.1 , 10.1.2.3,10.0.0.1', '10.0.0.2', 'nonsense', '10.0.0.1, nonsense', '2001:db8::1',
])('X-Forwarded-For: %s, as Fastify has it', async (forwarded) => {
  for (const peer of ['127.0.0.1', '192.0.2.7']) {
    await using app = Fastify({ trustProxy: proxies });
    app.get('/', ({ ip }) => ip);
    const { body } = await app.inject({ url: '/', remoteAddress: peer, headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } });
    expect(forwardedAddress(peer, forwarded, addressRanges(proxies))).toBe(body);
  }
});

test.each([
  ['192.0.2.1:51234', '192.0.2.1'], ['192.0.2.1:51235, 10.1.2.3:80', '192.0.2.1'], ['[2001:db8::1]:443', '2001:db8::1'], ['[2001:db8::1]', '2001:db8::1'], ['::ffff:192.0.2.1', '192.0.2.1'],
  ['192.0.2.1, ::ffff:10.0.0.9', '192.0.2.1'], ['999.0.2.1:80', '999.0.2.1:80'],
  ['2001:DB8:0:0::0001', '2001:db8::1'], ['[2001:db8:0:0:0:0:0:1]:80', '2001:db8::1'], ['::ffff:c000:201', '192.0.2.1'], ['0:0:0:0:0:ffff:c000:0201, ::FFFF:a00:9', '192.0.2.1'], ['fe80::1%eth0', 'fe80::1%eth0'], ['[nonsense]', '[nonsense]'],
])('%s is %s, however a proxy writes it', (forwarded, expected) => {
  expect(forwardedAddress('127.0.0.1', forwarded, addressRanges(proxies))).toBe(expected);
});

test('a peer on a socket that speaks both protocols has the address that it has on another one', () => {
  expect(forwardedAddress('::ffff:192.0.2.7', '203.0.113.1', addressRanges(proxies))).toBe('192.0.2.7');
  expect(forwardedAddress('::ffff:127.0.0.1', '203.0.113.1', addressRanges(proxies))).toBe('203.0.113.1');
});
