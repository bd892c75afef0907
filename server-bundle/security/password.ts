import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';

/** OWASP's recommendation for 32 MiB of memory: N = 2^15, r = 8, p = 3. */
const cost = { ln: 15, r: 8, p: 3 } as const;
const keyBytes = 32;
const saltBytes = 16;

/** Longest password that is looked at, in bytes of UTF-8. */
export const maxPasswordBytes = 1024;

/**
 * Encodes a password as `$scrypt$ln=15,r=8,p=3$salt$key` (the PHC string format, base64 without padding), so that later
 * releases can raise the cost and still verify what is stored.
 */
export async function encodePassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const key = await derive(password, salt, keyBytes, cost);
  return `$scrypt$ln=${String(cost.ln)},r=${String(cost.r)},p=${String(cost.p)}$${base64(salt)}$${base64(key)}`;
}

const encodedForm = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Whether `password` is the one behind `encoded`; takes the same time for every password. False when `encoded` has another form. */
export async function verifyPassword(password: string, encoded: string): Promise<boolean> {
  const match = encodedForm.exec(encoded);
  if (match === null) return false;
  const [, ln, r, p, salt = '', key = ''] = match;
  const expected = Buffer.from(key, 'base64');
  const derived = await derive(password, Buffer.from(salt, 'base64'), expected.length, { ln: Number(ln), r: Number(r), p: Number(p) });
  return timingSafeEqual(derived, expected);
}

/**
 * Stands in for users who do not exist, so that a login takes as long for them. Nobody knows its password.
 */
export const decoyPassword = `$scrypt$ln=${String(cost.ln)},r=${String(cost.r)},p=${String(cost.p)}$${base64(randomBytes(saltBytes))}$${base64(randomBytes(keyBytes))}`;

/** 128 bits in a form that can be read aloud and typed. */
export function generatePassword(): string {
  const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
  const letters = Array.from({ length: 26 }, () => alphabet[randomIndex(alphabet.length)]);
  return letters.join('');
}

/** Unbiased index below `limit` (at most 256). */
function randomIndex(limit: number): number {
  const fair = 256 - (256 % limit);
  for (;;) {
    const byte = randomBytes(1)[0] ?? 255;
    if (byte < fair) return byte % limit;
  }
}

function derive(password: string, salt: Buffer, length: number, { ln, r, p }: { ln: number; r: number; p: number }): Promise<Buffer> {
  const N = 2 ** ln;
  const options: ScryptOptions = { N, r, p, maxmem: 128 * r * (N + p + 2) };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, length, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
