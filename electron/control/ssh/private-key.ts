import { createHash } from 'node:crypto';
import ssh2, { type ParsedKey } from 'ssh2';
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

function parse(text: string, passphrase: Secret | undefined): ParsedKey {
  // a file with several keys gives a list, which the types leave out
  const [key] = [ssh2.utils.parseKey(text, passphrase?.reveal())].flat();
  if (key instanceof Error) throw new Error(reasonOf(key.message, passphrase !== undefined), { cause: key });
  if (key?.isPrivateKey() !== true) throw new Error('this is not a private key');
  return key;
}

/** ssh2 has no codes for these; the texts are held by a test against real keys. */
function reasonOf(message: string, hasPassphrase: boolean): string {
  if (/no passphrase given/i.test(message)) return 'the key is encrypted and no passphrase was given';
  if (hasPassphrase && /integrity check failed|bad passphrase|bad decrypt|malformed/i.test(message)) return 'the passphrase is wrong';
  return message;
}
