import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SecretBox } from './secret-box.ts';

/**
 * Keeps the wrapping key in a file beside the state, readable by its owner only. That is protection by file permissions
 * and nothing more, and the note says so.
 */
export function createFileBox(folder: string): SecretBox {
  const file = join(folder, 'secrets.key');
  return {
    protection: 'file',
    note: 'Secrets are encrypted under a key in a file that only this user can read; whoever can read the file can read them.',
    wrap: (key) => Promise.resolve(seal(wrappingKey(file), key)),
    unwrap: (wrapped) => Promise.resolve(unseal(wrappingKey(file), wrapped)),
  };
}

function wrappingKey(file: string): Buffer {
  try {
    // "wx": of two shells that start at once one makes the key, the other reads it
    writeFileSync(file, randomBytes(32), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file);
}

/** AES-256-GCM: nonce (12 bytes), tag (16 bytes), ciphertext. */
export function seal(key: Uint8Array, plain: Uint8Array, context = ''): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(context));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** Throws when key or context is another one, or the bytes were changed. */
export function unseal(key: Uint8Array, sealed: Uint8Array, context = ''): Buffer {
  const bytes = Buffer.from(sealed);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
}
