import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { keyId } from './rotating-secrets.ts';

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** Bound to what it is for, so that no other use of the cluster key meets the same key (RFC 5869, info). */
function sealingKey(clusterKey: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', clusterKey, '', purpose, 32));
}

export interface SealedText {
  readonly text: string;
  /** of the cluster key that it was sealed with */
  readonly keyId: string;
}

/**
 * Encrypts a secret for the database, under a key derived from the cluster key, which the database does not hold.
 * @param purpose what kind of secret it is
 * @param owner   goes into the seal: a text that is moved to another owner cannot be opened
 */
export function sealSecret(clusterKey: Buffer, purpose: string, owner: string, secret: string): SealedText {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, sealingKey(clusterKey, purpose), nonce).setAAD(Buffer.from(owner));
  const sealed = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return { text: sealed.toString('base64'), keyId: keyId(clusterKey) };
}

/** The secret, by whichever of the cluster's keys it was sealed with; null when it is none of them, or was tampered with. */
export function unsealSecret(clusterKeys: readonly Buffer[], purpose: string, owner: string, text: string): string | null {
  const sealed = Buffer.from(text, 'base64');
  if (sealed.length < nonceBytes + tagBytes) return null;
  for (const key of clusterKeys) {
    try {
      const decipher = createDecipheriv(algorithm, sealingKey(key, purpose), sealed.subarray(0, nonceBytes)).setAAD(Buffer.from(owner));
      decipher.setAuthTag(sealed.subarray(-tagBytes));
      return decipher.update(sealed.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      // sealed with another key
    }
  }
  return null;
}
