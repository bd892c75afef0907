import { createECDH, generateKeyPairSync, getDiffieHellman } from 'node:crypto';
import { wireString } from '../wire.ts';

/**
 * Ways to agree on a key whose first message (number 30) is one public value and whose answer (31) begins with the key of the host, the best
 * one first (RFC 4253, 8; RFC 5656, 4; RFC 8268; RFC 8731). Each gives that value as it travels.
 */
export const keyExchanges: Readonly<Record<string, () => Buffer>> = {
  'curve25519-sha256': x25519, 'curve25519-sha256@libssh.org': x25519,
  'ecdh-sha2-nistp256': () => curve('prime256v1'), 'ecdh-sha2-nistp384': () => curve('secp384r1'), 'ecdh-sha2-nistp521': () => curve('secp521r1'),
  'diffie-hellman-group14-sha256': () => group('modp14'), 'diffie-hellman-group15-sha512': () => group('modp15'),
  'diffie-hellman-group16-sha512': () => group('modp16'), 'diffie-hellman-group17-sha512': () => group('modp17'),
  'diffie-hellman-group18-sha512': () => group('modp18'), 'diffie-hellman-group14-sha1': () => group('modp14'),
};

function x25519(): Buffer {
  const { x = '' } = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
  return wireString(Buffer.from(x, 'base64url'));
}

function curve(name: string): Buffer {
  return wireString(createECDH(name).generateKeys());
}

/** As an mpint: a first bit that is set would make it negative. */
function group(name: string): Buffer {
  const value = getDiffieHellman(name).generateKeys();
  return wireString(Buffer.concat([Buffer.alloc((value[0] ?? 0) >> 7), value]));
}
