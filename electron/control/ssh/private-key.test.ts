import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasOpenSsh } from '../../../test/harness/key-files.ts';
import { hostKeyFrom } from './host-key.ts';
import { parsePrivateKey } from './private-key.ts';
import { Secret } from './secret.ts';

let folder: string;
beforeAll(() => { folder = mkdtempSync(join(tmpdir(), 'bulkhead-keys-')); });
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

const passphrase = 'open "sesame"';
const secret = new Secret(passphrase);
const locked = { cipher: 'aes-256-cbc', passphrase } as const;

/** It is the private half of that key, and signs what the public half confirms. */
function isRight(text: string, given: Secret | undefined, publicKey: string): void {
  const key = parsePrivateKey(text, given);
  expect(hostKeyFrom(key.getPublicSSH()).key).toBe(publicKey);
  const signature = key.sign(Buffer.from('signed'));
  if (signature instanceof Error) throw signature;
  expect(key.verify(Buffer.from('signed'), signature)).toBe(true);
}

describe.skipIf(!hasOpenSsh)('keys that ssh-keygen makes', () => {
  const forms = ['RFC4716', 'PKCS8', 'PEM'] as const;
  test.each(forms.flatMap((form) => [['rsa', '2048'], ['ecdsa', '256'], ['ecdsa', '384'], ['ecdsa', '521']].map(([type = '', bits = '']) => [form, type, bits] as const)))('%s of %s %s, locked and open', (form, type, bits) => {
    for (const each of ['', passphrase]) {
      const path = join(folder, `${form}-${type}-${bits}-${each === '' ? 'open' : 'locked'}`);
      execFileSync('ssh-keygen', ['-q', '-t', type, '-b', bits, '-m', form, '-N', each, '-f', path]);
      const [, publicKey = ''] = readFileSync(`${path}.pub`, 'utf8').split(' ');
      const text = readFileSync(path, 'utf8');
      isRight(text, each === '' ? undefined : secret, publicKey);
      // as a file that has been through an editor elsewhere
      isRight(`${text.replaceAll('\n', '\r\n')}\r\n`, each === '' ? undefined : secret, publicKey);
      if (each === '') continue;
      expect(() => parsePrivateKey(text, undefined)).toThrow('the key is encrypted and no passphrase was given');
      for (const guess of form === 'RFC4716' ? ['wrong'] : ['wrong', 'open', '1', '2', '3', '4', '5', '6']) expect(() => parsePrivateKey(text, new Secret(guess))).toThrow('the passphrase is wrong');
    }
  });

  test('one that is encrypted as the SSH library cannot read it is refused with the way to mend it', () => {
    const path = join(folder, 'chacha');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-Z', 'chacha20-poly1305@openssh.com', '-N', passphrase, '-f', path]);
    expect(() => parsePrivateKey(readFileSync(path, 'utf8'), secret)).toThrow('ssh-keygen -p -Z aes256-ctr');
    expect(() => parsePrivateKey(readFileSync(path, 'utf8'), undefined)).toThrow('no passphrase was given');
  });
});

describe('keys that other programs make', () => {
  const broken = (change: (text: string) => string): string => change(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const blob = (key: KeyObject): string => {
    const name = Buffer.from('ssh-ed25519');
    const point = Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
    return Buffer.concat([Buffer.from([0, 0, 0, name.length]), name, Buffer.from([0, 0, 0, point.length]), point]).toString('base64');
  };

  test('Ed25519 in PKCS#8, locked and open', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    isRight(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), undefined, blob(publicKey));
    const text = privateKey.export({ type: 'pkcs8', format: 'pem', ...locked }).toString();
    isRight(text, secret, blob(publicKey));
    expect(() => parsePrivateKey(text, undefined)).toThrow('the key is encrypted and no passphrase was given');
    for (const guess of ['wrong', '1', '2', '3']) expect(() => parsePrivateKey(text, new Secret(guess))).toThrow('the passphrase is wrong');
  });

  test('an elliptic key behind its parameters, as openssl ecparam writes it', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const text = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
    const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
    expect(hostKeyFrom(parsePrivateKey(parameters + text, undefined).getPublicSSH()).type).toBe('ecdsa-sha2-nistp256');
  });

  test.each([
    ['of a kind that SSH does not know', () => generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), 'a key of the kind x25519 is of no use to SSH'],
    ['of PuTTY', () => 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n', 'puttygen'],
    ['that is cut off', () => broken((text) => text.slice(0, 200)), 'it is damaged, or not whole'],
    ['that has lost some of its text', () => broken((text) => text.replace(/\n.{40}/, '\n')), 'copy it again from where it was made, or make a new one with ssh-keygen'],
    ['whose text is noise', () => broken((text) => text.replace(/(KEY-----\n)[^-]+/, '$1AAAA\n')), 'it is damaged, or not whole'],
    ['that is something else', () => 'a shopping list', 'this is not a private key'],
    ['that is public', () => generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString(), 'this is not a private key'],
  ])('one %s is refused, and that is said', (_what, make, said) => {
    for (const given of [undefined, secret]) expect(() => parsePrivateKey(make(), given)).toThrow(said);
  });
});
