import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkedLookup, requireAddress, webhookAddresses } from './address-rules.ts';
import { pauseAfter } from './backoff.ts';
import { seal, unseal } from './sealed-secret.ts';
import { signatureOf } from './signature.ts';

describe('addresses', () => {
  const isGood = webhookAddresses([]);
  it.each([
    '127.0.0.1', '127.255.255.254', '0.0.0.0', '169.254.169.254', '224.0.0.1', '255.255.255.255', '100.100.100.200',
    '::', '::1', 'fe80::1', 'ff02::1', 'fd00:ec2::254', '::ffff:127.0.0.1', '::ffff:a9fe:a9fe', '64:ff9b::7f00:1', '::127.0.0.1', 'no address',
    '64:ff9b:1::7f00:1', '::ffff:0:127.0.0.1', '2002:7f00:1::', '2002:a9fe:a9fe::1', '168.63.129.16', '::ffff:168.63.129.16', 'fd20:ce::254',
  ])('refuses %s', (address) => { expect(isGood(address)).toBe(false); });

  it.each(['10.0.0.1', '192.168.1.4', '172.16.0.9', '203.0.113.9', '2001:db8::1', 'fd12:3456::1', '::ffff:10.0.0.1', '64:ff9b::a00:1', '64:ff9b:1::a00:1', '2002:a00:1::7f00:1', 'fd20:ce::1'])('takes %s', (address) => { expect(isGood(address)).toBe(true); });

  it('makes the exceptions that the configuration names, and no other', () => {
    const withLoopback = webhookAddresses(['127.0.0.0/8']);
    expect([withLoopback('127.0.0.1'), withLoopback('::1'), withLoopback('169.254.169.254')]).toEqual([true, false, false]);
  });

  it('sees through the ways to write an address in a URL', () => {
    for (const url of ['http://127.1/', 'http://0x7f.1/', 'http://2130706433/', 'http://[::ffff:127.0.0.1]/', 'http://[0:0:0:0:0:0:0:1]/', 'https://169.254.169.254:443/x']) {
      expect(() => { requireAddress(url, isGood); }, url).toThrow('not sent to');
    }
    expect(() => { requireAddress('http://hooks.example.org/', isGood); }).not.toThrow();
  });

  it('checks what a name leads to, at the moment it is connected to', async () => {
    const resolve = (check: (address: string) => boolean): Promise<unknown> => new Promise((done) => {
      checkedLookup(check)('localhost', { all: true }, (error, addresses) => { done(error ?? addresses); });
    });
    expect(await resolve(isGood)).toMatchObject({ code: 'WEBHOOK_ADDRESS_REFUSED' });
    expect(await resolve(() => true)).toEqual(expect.arrayContaining([expect.objectContaining({ address: expect.stringMatching(/^(127\.0\.0\.1|::1)$/) as string })]));
  });
});

describe('secrets', () => {
  const [key, other] = [randomBytes(48), randomBytes(48)];

  it('are opened by the key they were sealed with, whichever of the present ones that is', () => {
    const { text } = seal(key, 'hook-1', 'a secret');
    expect(unseal([key], 'hook-1', text)).toBe('a secret');
    expect(unseal([other, key], 'hook-1', text)).toBe('a secret');
    expect(unseal([other], 'hook-1', text)).toBeNull();
  });

  it('do not move to another webhook, and are not tampered with', () => {
    const { text } = seal(key, 'hook-1', 'a secret');
    expect(unseal([key], 'hook-2', text)).toBeNull();
    const bytes = Buffer.from(text, 'base64');
    bytes[14]! ^= 1;
    expect(unseal([key], 'hook-1', bytes.toString('base64'))).toBeNull();
    expect(unseal([key], 'hook-1', 'AAAA')).toBeNull();
    expect(seal(key, 'hook-1', 'a secret').text).not.toBe(text);
  });
});

it('signs timestamp and body', () => {
  // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef
  expect(signatureOf('0123456789abcdef', '1700000000', '{"a":1}')).toBe('v1=9eb18f493f8ec135d9eb2dad817c369bb4e9cbfa818657897a7437c1cd8c3a23');
});

it('waits longer after each failure, up to a quarter of an hour', () => {
  const pauses = Array.from({ length: 14 }, (_, index) => pauseAfter(index + 1, 0.5));
  expect(pauses.slice(0, 4)).toEqual([2000, 4000, 8000, 16_000]);
  expect(pauses.at(-1)).toBe(900_000);
  expect(pauseAfter(1, 0)).toBe(1800);
  expect(pauseAfter(1, 0.999)).toBeLessThanOrEqual(2200);
});
