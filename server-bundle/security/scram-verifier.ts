import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

/** As PostgreSQL's own `scram_iterations` default. */
const iterations = 4096;

/**
 * What PostgreSQL stores for a password (RFC 5803, as `SCRAM-SHA-256$iterations:salt$StoredKey:ServerKey`). Handing this over instead
 * of the password keeps the password out of the server's statement log.
 *
 * @param password printable ASCII, for which the normalization of RFC 5802 changes nothing
 */
export function scramVerifier(password: string, salt: Buffer = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const hmac = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${String(iterations)}:${salt.toString('base64')}$${storedKey}:${hmac('Server Key').toString('base64')}`;
}
