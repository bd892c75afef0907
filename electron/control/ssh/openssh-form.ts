import { randomBytes, type KeyObject } from 'node:crypto';
import { wireNumber as number, wireString as string } from './wire.ts';

/** A private key, as text that the SSH library reads. Throws for kinds that SSH has no use for. */
export function opensshForm(key: KeyObject): string {
  switch (key.asymmetricKeyType) {
    case 'rsa': return key.export({ type: 'pkcs1', format: 'pem' }).toString();
    case 'ec': return key.export({ type: 'sec1', format: 'pem' }).toString();
    case 'ed25519': return ed25519(key);
    default: throw new Error(`a key of the kind ${key.asymmetricKeyType ?? 'unknown'} is of no use to SSH`);
  }
}

/** OpenSSH's own format, not encrypted: the only one that holds this kind (PROTOCOL.key of OpenSSH; RFC 8709). */
function ed25519(key: KeyObject): string {
  const { d = '', x = '' } = key.export({ format: 'jwk' });
  const [seed, point] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')];
  const type = string('ssh-ed25519');
  const check = randomBytes(4);
  const body = Buffer.concat([check, check, type, string(point), string(Buffer.concat([seed, point])), string('')]);
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, index) => index + 1));
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'), string('none'), string('none'), string(''), number(1), string(Buffer.concat([type, string(point)])), string(Buffer.concat([body, padding])),
  ]);
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${whole.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
