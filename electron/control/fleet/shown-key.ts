import { z } from 'zod';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { HostKeyReport } from '../../contract/index.ts';
import { openSession, type HostTarget, type KnownHosts } from '../ssh/index.ts';

const key = z.object({ type: z.string(), key: z.string(), fingerprint: z.string() });
const unverified = z.object({ shown: key, showCommand: z.string(), known: z.array(key).optional() });

type ShownKey = Omit<HostKeyReport, 'key'> & { readonly key: z.infer<typeof key> | null };

/**
 * The key that a host shows now, and what is known of it. Connects without any credential: a host whose key is trusted is seen
 * by its refusal of the login.
 */
export async function shownKey(target: HostTarget, knownHosts: KnownHosts, signal: AbortSignal): Promise<ShownKey> {
  const trusted: ShownKey = { state: 'trusted', key: null, command: null, known: [] };
  try {
    await (await openSession(target, [], knownHosts, { signal })).close();
    return trusted;
  } catch (error) {
    if (!(error instanceof BulkheadError)) throw error;
    if (error.code === 'AUTH_FAILED') return trusted;
    if (error.code !== 'HOST_KEY_UNKNOWN' && error.code !== 'HOST_KEY_CHANGED') throw error;
    const { shown, showCommand, known = [] } = unverified.parse(error.details);
    return { state: error.code === 'HOST_KEY_UNKNOWN' ? 'unknown' : 'changed', key: shown, command: showCommand, known: known.map(({ fingerprint }) => fingerprint) };
  }
}

/** Trusts the key with this fingerprint, if the host shows it now. A key that has changed is replaced only when that was asked for. */
export async function trustKey(target: HostTarget, knownHosts: KnownHosts, fingerprint: string, replace: boolean, signal: AbortSignal): Promise<void> {
  const { state, key: shown } = await shownKey(target, knownHosts, signal);
  if (state === 'trusted' || shown === null) return;
  if (shown.fingerprint !== fingerprint) {
    throw new BulkheadError('HOST_KEY_CHANGED', 'The host shows another key than the one that was to be trusted', { details: { wanted: fingerprint, shown: shown.fingerprint } });
  }
  await (replace ? knownHosts.replace(target.address, target.port, shown) : knownHosts.trust(target.address, target.port, shown));
}
