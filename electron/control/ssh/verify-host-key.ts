import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { certifiedFingerprintCommand, fingerprintCommand, type HostKey } from './host-key.ts';
import type { KnownHosts } from './known-hosts/known-hosts.ts';
import { describeTarget, type HostTarget } from './target.ts';

/** The name and port under which the key of a target is known. An alias stands for itself, without the port, as in OpenSSH. */
export function keyPlace({ address, port, hostKeyAlias }: HostTarget): { readonly address: string; readonly port: number } {
  return hostKeyAlias === undefined ? { address, port } : { address: hostKeyAlias, port: 22 };
}

/**
 * Resolves when the key is trusted. Throws HOST_KEY_UNKNOWN (with what a person needs to compare), HOST_KEY_CHANGED (with both
 * fingerprints), HOST_KEY_REVOKED. The details can be given to `KnownHosts.trust` and `KnownHosts.replace`.
 */
export async function verifyHostKey(hop: HostTarget, shown: HostKey, knownHosts: KnownHosts): Promise<void> {
  const { address, port } = keyPlace(hop);
  const verdict = await knownHosts.check(address, port, shown);
  const details = { hop: describeTarget(hop), address, port, shown };
  switch (verdict.kind) {
    case 'trusted': return;
    case 'unknown':
      throw new BulkheadError('HOST_KEY_UNKNOWN', `The key of ${describeTarget(hop)} is not known: ${shown.type} ${shown.fingerprint}${verdict.authority === null ? '' : `. ${verdict.authority} names a certificate authority for it, but certificates of hosts cannot be checked here`}`, {
        ...(verdict.authority === null ? {} : { hint: `Trust its plain key once. OpenSSH checks the certificate, and shows the fingerprint to compare:  ${certifiedFingerprintCommand(describeTarget(hop), shown.type)}` }),
        details: { ...details, showCommand: fingerprintCommand(shown.type), authority: verdict.authority },
      });
    case 'changed':
      throw new BulkheadError('HOST_KEY_CHANGED', `${describeTarget(hop)} shows another key than before: ${shown.fingerprint}, known is ${verdict.known.map(({ fingerprint }) => fingerprint).join(', ')}`, {
        details: { ...details, showCommand: fingerprintCommand(shown.type), known: verdict.known },
      });
    case 'revoked':
      throw new BulkheadError('HOST_KEY_REVOKED', `The key of ${describeTarget(hop)} has been revoked: ${shown.fingerprint}`, { details: { ...details, by: verdict.by } });
  }
}
