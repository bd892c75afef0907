import { randomBytes, scryptSync } from 'node:crypto';

/**
 * A password as it is stored, in a form that takes no time to verify: real ones cost each node a quarter of a second of a processor.
 * What they cost, and that they are stored so, is shown where tests are about that.
 */
export function cheaplyEncoded(password: string): string {
  const salt = randomBytes(16);
  const key = scryptSync(password.normalize('NFC'), salt, 32, { N: 2, r: 1, p: 1 });
  const [first, second] = [salt, key].map((bytes) => bytes.toString('base64').replace(/=+$/, ''));
  return `$scrypt$ln=1,r=1,p=1$${first ?? ''}$${second ?? ''}`;
}
