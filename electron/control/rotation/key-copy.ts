import { randomBytes, scrypt } from 'node:crypto';
import { z } from 'zod';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { seal, unseal } from '../secrets/index.ts';

interface Cost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** About 128 MiB and a quarter of a second for each guess. */
const cost: Cost = { N: 2 ** 17, r: 8, p: 1 };
const context = 'bulkhead-cluster-key/1';

/** What the file holds; unknown fields of a later program are refused with it. */
const file = z.object({
  format: z.literal('bulkhead-cluster-key'),
  version: z.literal(1),
  cluster: z.string(),
  savedAt: z.iso.datetime(),
  /** the bounds keep a made-up file from taking this machine's memory */
  scrypt: z.object({ N: z.number().int().min(2 ** 14).max(2 ** 20), r: z.number().int().min(1).max(16), p: z.number().int().min(1).max(4), salt: z.base64() }).strict(),
  /** AES-256-GCM: nonce (12 bytes), tag (16 bytes), ciphertext */
  sealed: z.base64(),
}).strict();

/** The key of a cluster as a text file that is worth nothing without its passphrase. `guessing`: parameters of scrypt. */
export async function sealKey(cluster: string, key: string, passphrase: string, now: Date, guessing: Cost = cost): Promise<string> {
  const salt = randomBytes(16);
  const sealed = seal(await derived(passphrase, salt, guessing), Buffer.from(key), context);
  const copy: z.infer<typeof file> = { format: 'bulkhead-cluster-key', version: 1, cluster, savedAt: now.toISOString(), scrypt: { ...guessing, salt: salt.toString('base64') }, sealed: sealed.toString('base64') };
  return `${JSON.stringify(copy, null, 2)}\n`;
}

/** @throws ARGUMENT_INVALID when it is no such file, CREDENTIALS_INVALID when the passphrase is another one or the file was changed */
export async function openKey(text: string, passphrase: string): Promise<{ cluster: string; key: string }> {
  const copy = parsed(text);
  const { salt, ...options } = copy.scrypt;
  const wrapping = await derived(passphrase, Buffer.from(salt, 'base64'), options);
  try {
    return { cluster: copy.cluster, key: unseal(wrapping, Buffer.from(copy.sealed, 'base64'), context).toString() };
  } catch {
    throw new BulkheadError('CREDENTIALS_INVALID', 'The passphrase does not open this copy of the key', { hint: 'Give the passphrase that the copy was made with. A copy that was changed opens with none.' });
  }
}

function parsed(text: string): z.infer<typeof file> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  const found = file.safeParse(value);
  if (found.success) return found.data;
  throw new BulkheadError('ARGUMENT_INVALID', 'This is no copy of a cluster key', { details: found.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })), hint: 'It begins with {"format": "bulkhead-cluster-key", "version": 1}.' });
}

function derived(passphrase: string, salt: Uint8Array, options: Cost): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  scrypt(passphrase.normalize('NFC'), salt, 32, { ...options, maxmem: 256 * options.N * options.r }, (error, key) => (error === null ? resolve(key) : reject(error)));
  return promise;
}
