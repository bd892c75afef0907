import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { CertificateLook } from './certificates/index.ts';
import { certificateCommand, fingerprintCommand, type HostKey } from './host-key.ts';
import type { KnownHosts } from './known-hosts/known-hosts.ts';
import { describeTarget, type HostTarget } from './target.ts';

/** The name and port under which the key of a target is known. An alias stands for itself, without the port, as in OpenSSH. */
export function keyPlace({ address, port, hostKeyAlias }: HostTarget): { readonly address: string; readonly port: number } {
  return hostKeyAlias === undefined ? { address, port } : { address: hostKeyAlias, port: 22 };
}

/**
 * Resolves when the key is trusted. Throws HOST_KEY_UNKNOWN (with what a person needs to compare), HOST_KEY_CHANGED (with both
 * fingerprints), HOST_KEY_REVOKED. The details can be given to `KnownHosts.trust` and `KnownHosts.replace`.
 * @param look what the host has shown beside its key, where only an authority is known of it
 */
export async function verifyHostKey(hop: HostTarget, shown: HostKey, knownHosts: KnownHosts, look: CertificateLook | null = null): Promise<void> {
  const { address, port } = keyPlace(hop);
  const verdict = await knownHosts.check(address, port, shown, look);
  const details = { hop: describeTarget(hop), address, port, shown };
  switch (verdict.kind) {
    case 'trusted': return;
    case 'unknown':
      throw new BulkheadError('HOST_KEY_UNKNOWN', `The key of ${describeTarget(hop)} is not known: ${shown.type} ${shown.fingerprint}${verdict.authority === null ? '' : `. ${verdict.authority} names a certificate authority for it, but ${verdict.why}`}`, {
        ...(verdict.authority === null ? {} : { hint: `Have its certificate mended (on the host:  ${certificateCommand(shown.type)}), or compare its plain key and trust that.` }),
        details: { ...details, showCommand: fingerprintCommand(shown.type), authority: verdict.authority, ...(verdict.authority === null ? {} : { why: verdict.why }) },
      });
    case 'changed':
      throw new BulkheadError('HOST_KEY_CHANGED', `${describeTarget(hop)} shows another key than before: ${shown.fingerprint}, known is ${verdict.known.map(({ fingerprint }) => fingerprint).join(', ')}`, {
        details: { ...details, showCommand: fingerprintCommand(shown.type), known: verdict.known },
      });
    case 'revoked':
      throw verdict.authority === null
        ? new BulkheadError('HOST_KEY_REVOKED', `The key of ${describeTarget(hop)} has been revoked: ${shown.fingerprint}`, { details: { ...details, by: verdict.by } })
        : new BulkheadError('HOST_KEY_REVOKED', `The key of ${describeTarget(hop)} is certified by an authority that has been revoked: ${verdict.authority.fingerprint}`, {
          hint: `Nothing was sent. Have its key certified by another authority (on the host:  ${certificateCommand(shown.type)}); see "details" for the file that revokes this one.`,
          details: { ...details, by: verdict.by, authority: verdict.authority },
        });
  }
}
