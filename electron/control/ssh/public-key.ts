import ssh2 from 'ssh2';
import { hostKeyFrom, type HostKey } from './host-key.ts';
import { parsePrivateKey } from './private-key.ts';
import type { Secret } from './secret.ts';

/** A public key as authorized_keys has it. */
export type PublicKey = HostKey;

/** Throws when the text is no private key, or the passphrase is missing or wrong. */
export function publicKeyOf(privateKey: string, passphrase: Secret | undefined): PublicKey {
  return hostKeyFrom(parsePrivateKey(privateKey, passphrase).getPublicSSH());
}

/** Every key of an authorized_keys file; lines that cannot be read are left out. */
export function publicKeysIn(text: string): PublicKey[] {
  return text.split('\n').flatMap((line) => {
    // options may stand before the type of the key
    const [, blob] = /(?:^|\s)(?:ssh-|ecdsa-|sk-)\S+\s+(AAAA[\w+/=]+)/.exec(line) ?? [];
    return blob === undefined || ssh2.utils.parseKey(Buffer.from(blob, 'base64')) instanceof Error ? [] : [hostKeyFrom(Buffer.from(blob, 'base64'))];
  });
}
