import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { publicKeyOf, publicKeysIn, type PublicKey, type Secret, type SshSession } from '../ssh/index.ts';

/** `$1` the line of the key, `$2` its base64. Says "added" when it was not there. */
const addScript = `
umask 077
mkdir -p "$HOME/.ssh" || exit 1
file=$HOME/.ssh/authorized_keys
[ -e "$file" ] || : > "$file" || exit 1
grep -qF -- "$2" "$file" && exit 0
[ ! -s "$file" ] || [ -z "$(tail -c 1 "$file")" ] || echo >> "$file" || exit 1
printf '%s\\n' "$1" >> "$file" || exit 1
echo added
`;

/** `$1` the base64 of the key: its lines go, in one step. */
const removeScript = `
file=$HOME/.ssh/authorized_keys
draft=$file.bulkhead
cp -p -- "$file" "$draft" || exit 1
grep -vF -- "$1" "$file" > "$draft"
[ $? -le 1 ] || { rm -f -- "$draft"; exit 1; }
mv -f -- "$draft" "$file"
`;

/** The public half of a private key file. Throws ARGUMENT_INVALID when it cannot be read. */
export async function publicHalf(file: string, passphrase: Secret | undefined): Promise<PublicKey> {
  const path = file.startsWith('~/') ? join(homedir(), file.slice(2)) : file;
  try {
    return publicKeyOf(await readFile(path, 'utf8'), passphrase);
  } catch (error) {
    throw new BulkheadError('ARGUMENT_INVALID', `${file} cannot be used: ${error instanceof Error ? error.message : 'unknown'}`, { cause: error });
  }
}

/** Lets the owner of the key sign in as this user. True: it was not there before. */
export async function authorize(session: SshSession, key: PublicKey): Promise<boolean> {
  const { exitCode, stdout, stderr } = await session.run({ script: addScript, args: [`${key.type} ${key.key} bulkhead`, key.key] });
  if (exitCode !== 0) throw new BulkheadError('UPLOAD_FAILED', 'The key could not be written into authorized_keys', { details: { exitCode, lastLines: stderr.slice(-500) } });
  return stdout.includes('added');
}

/** The key with this fingerprint, when authorized_keys has it. */
export async function authorizedKey(session: SshSession, fingerprint: string): Promise<PublicKey | null> {
  const { stdout } = await session.run({ script: 'cat -- "$HOME/.ssh/authorized_keys"' });
  return publicKeysIn(stdout).find((key) => key.fingerprint === fingerprint) ?? null;
}

export async function unauthorize(session: SshSession, key: PublicKey): Promise<void> {
  const { exitCode, stderr } = await session.run({ script: removeScript, args: [key.key] });
  if (exitCode !== 0) throw new BulkheadError('UPLOAD_FAILED', 'The old key could not be taken out of authorized_keys', { details: { exitCode, lastLines: stderr.slice(-500) }, hint: 'The new key works and is kept. Take the line of the old one out by hand.' });
}
