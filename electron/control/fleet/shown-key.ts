import { z } from 'zod';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { HostKeyReport } from '../../contract/index.ts';
import { describeTarget, openSession, type KnownHosts } from '../ssh/index.ts';
import type { HostAccess } from './hosts.ts';

const key = z.object({ type: z.string(), key: z.string(), fingerprint: z.string() });
const unverified = z.object({
  hop: z.string(), address: z.string(), port: z.number(), shown: key, showCommand: z.string(), known: z.array(key).optional(), authority: z.string().nullable().optional(), why: z.string().optional(),
});

type ShownKey = Omit<HostKeyReport, 'key'> & {
  readonly key: z.infer<typeof key> | null;
  /** where the key belongs in known_hosts */
  readonly place: { readonly address: string; readonly port: number } | null;
};

/**
 * The key that a host shows now, and what is known of it; of the first host on the way that is not trusted, when there is one. Signs in on the way
 * and not at the end: a host whose key is trusted is seen by its refusal of the login.
 */
export async function shownKey({ target, credentials }: HostAccess, knownHosts: KnownHosts, signal: AbortSignal): Promise<ShownKey> {
  const end = describeTarget(target);
  const trusted: ShownKey = { state: 'trusted', hop: end, key: null, command: null, known: [], authority: null, why: null, place: null };
  try {
    await (await openSession(target, (hop) => (hop === target ? [] : credentials(hop)), knownHosts, { signal })).close();
    return trusted;
  } catch (error) {
    if (!(error instanceof BulkheadError)) throw error;
    if (error.code === 'AUTH_FAILED' && hopOf(error) === end) return trusted;
    if (error.code !== 'HOST_KEY_UNKNOWN' && error.code !== 'HOST_KEY_CHANGED') throw error;
    const { hop, address, port, shown, showCommand, known = [], authority = null, why = null } = unverified.parse(error.details);
    return {
      state: error.code === 'HOST_KEY_UNKNOWN' ? 'unknown' : 'changed', hop, key: shown, command: showCommand,
      known: known.map(({ fingerprint }) => fingerprint), authority, why, place: { address, port },
    };
  }
}

/** Trusts the key with this fingerprint, if the host shows it now. A key that has changed is replaced only when that was asked for. */
export async function trustKey(access: HostAccess, knownHosts: KnownHosts, fingerprint: string, replace: boolean, signal: AbortSignal): Promise<void> {
  const { state, key: shown, place } = await shownKey(access, knownHosts, signal);
  if (state === 'trusted' || shown === null || place === null) return;
  if (shown.fingerprint !== fingerprint) {
    throw new BulkheadError('HOST_KEY_CHANGED', 'The host shows another key than the one that was to be trusted', { details: { wanted: fingerprint, shown: shown.fingerprint } });
  }
  await (replace ? knownHosts.replace(place.address, place.port, shown) : knownHosts.trust(place.address, place.port, shown));
}

function hopOf({ details }: BulkheadError): unknown {
  return typeof details === 'object' && details !== null && 'hop' in details ? details.hop : undefined;
}
