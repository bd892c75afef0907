import { createHash, createPrivateKey, type KeyObject } from 'node:crypto';
import ssh2, { type ParsedKey } from 'ssh2';
import { opensshForm } from './openssh-form.ts';
import type { Secret } from './secret.ts';

/** A passphrase is stretched for some hundred milliseconds, in which nothing else runs: one key for many hosts is opened once. */
const opened = new Map<string, ParsedKey>();
const mostOpened = 32;

/** Throws when the text is no private key, or the passphrase is missing or wrong; the message says which. */
export function parsePrivateKey(text: string, passphrase: Secret | undefined): ParsedKey {
  if (passphrase === undefined) return parse(text, passphrase);
  const name = createHash('sha256').update(text).update('\0').update(passphrase.reveal()).digest('base64');
  const known = opened.get(name);
  if (known !== undefined) return known;
  const key = parse(text, passphrase);
  opened.set(name, key);
  const [oldest] = opened.keys();
  if (opened.size > mostOpened && oldest !== undefined) opened.delete(oldest);
  return key;
}

const missing = 'the key is encrypted and no passphrase was given';
const wrong = 'the passphrase is wrong';
const damaged = 'the key cannot be read: it is damaged, or not whole; copy it again from where it was made, or make a new one with ssh-keygen';

/** PKCS#8, with and without a passphrase, and the older forms of one algorithm each (RFC 5958, RFC 8017, RFC 5915). */
const pem = /^-----BEGIN (?:ENCRYPTED |RSA |EC )?PRIVATE KEY-----\r?$/m;

function parse(text: string, passphrase: Secret | undefined): ParsedKey {
  const [readable, secret] = pem.test(text) ? [opensshForm(openPem(text, passphrase)), undefined] : [text, passphrase];
  // a file with several keys gives a list, which the types leave out
  const [key] = [ssh2.utils.parseKey(readable, secret?.reveal())].flat();
  if (key instanceof Error) throw new Error(reasonOf(text, key.message, passphrase !== undefined), { cause: key });
  if (key?.isPrivateKey() !== true) throw new Error('this is not a private key');
  return key;
}

/** OpenSSL reads more of these than the SSH library does, as ssh itself has it do. */
function openPem(text: string, passphrase: Secret | undefined): KeyObject {
  try {
    return createPrivateKey({ key: text, ...(passphrase === undefined ? {} : { passphrase: passphrase.reveal() }) });
  } catch (cause) {
    if (!text.includes('ENCRYPTED')) throw new Error(damaged, { cause });
    // what a wrong passphrase opens is noise, and noise is refused in many ways
    throw new Error(passphrase === undefined ? missing : wrong, { cause });
  }
}

/** ssh2 has no codes for these; the texts are held by a test against real keys. */
function reasonOf(text: string, message: string, hasPassphrase: boolean): string {
  if (/no passphrase given/i.test(message)) return missing;
  if (hasPassphrase && /integrity check failed|bad passphrase|bad decrypt|malformed/i.test(message)) return wrong;
  const cipher = cipherOf(text);
  if (cipher === 'chacha20-poly1305@openssh.com') return `the key is encrypted with ${cipher}, which cannot be read here; "ssh-keygen -p -Z aes256-ctr -f KEY" encrypts it in another way`;
  if (text.startsWith('PuTTY-User-Key-File-')) return 'a key of PuTTY in this form cannot be read; "puttygen KEY -O private-openssh -o NEW" makes one that can';
  if (message.includes('Unsupported OpenSSH private key type: sk-')) return 'this key lives in a security key: add it to an agent (ssh-add), and sign in with that';
  return message === 'Unsupported key format' ? 'this is not a private key' : message;
}

/** What a key in OpenSSH's own format is encrypted with; its name comes behind the 15 characters that the format begins with (PROTOCOL.key of OpenSSH). */
function cipherOf(text: string): string | null {
  const [, body = ''] = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]*)/.exec(text) ?? [];
  const bytes = Buffer.from(body, 'base64');
  return bytes.length < 19 ? null : bytes.subarray(19, 19 + bytes.readUInt32BE(15)).toString('latin1');
}
