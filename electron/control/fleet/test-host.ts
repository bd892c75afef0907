import { z } from 'zod';
import { asBulkheadError, type BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { HostTestReport, TestedHop } from '../../contract/index.ts';
import { describeTarget, type HopTrace, type Privilege, type SshSession } from '../ssh/index.ts';
import type { HostConnections } from './host-connections.ts';
import { readFacts } from './host-facts.ts';
import type { HostAccess } from './hosts.ts';

const shownKey = z.object({ type: z.string(), fingerprint: z.string() });
const keyDetails = z.object({ shown: shownKey, showCommand: z.string().optional(), known: z.array(shownKey).optional() });
const authDetails = z.object({ key: shownKey });

const keyStates: Readonly<Record<string, 'unknown' | 'changed' | 'revoked'>> = { HOST_KEY_UNKNOWN: 'unknown', HOST_KEY_CHANGED: 'changed', HOST_KEY_REVOKED: 'revoked' };

/** Signs in and looks around: what was tried on each host of the way, how to become root, what the host is. Changes nothing. Throws CANCELLED only. */
export async function testHost(connections: HostConnections, access: HostAccess, signal: AbortSignal): Promise<HostTestReport> {
  const traces: HopTrace[] = [];
  const hops = (): TestedHop[] => [...access.target.jump, access.target].map((hop, index) => toldHop(describeTarget(hop), traces[index]));
  try {
    const session = await connections.open(access, signal, (trace) => traces.push(trace));
    try {
      return { at: Date.now(), hops: hops(), failure: null, ...await lookAround(session) };
    } finally {
      await session.close();
    }
  } catch (error) {
    const failure = asBulkheadError(error);
    if (failure.code === 'CANCELLED') throw failure;
    return { at: Date.now(), ok: false, hops: hops(), failure: failure.toBody(), privilege: null, facts: null };
  }
}

async function lookAround(session: SshSession): Promise<Pick<HostTestReport, 'ok' | 'privilege' | 'facts'>> {
  const privilege = toldPrivilege(await session.privilege());
  const ok = privilege.kind === 'root' || privilege.kind === 'sudo' || privilege.kind === 'sudo with password';
  return { ok, privilege, facts: await readFacts(session) };
}

function toldHop(hop: string, trace: HopTrace | undefined): TestedHop {
  if (trace === undefined) return { hop, state: 'not reached', key: null, attempts: [], durationMs: null };
  const { failure, hostKey, attempts, durationMs } = trace;
  const trusted = hostKey ?? (failure === null ? null : authDetails.safeParse(failure.details).data?.key ?? null);
  return {
    hop, state: failure === null ? 'signed in' : 'failed', attempts: attempts.map((attempt) => ({ ...attempt })), durationMs: Math.round(durationMs),
    key: trusted === null ? keyOf(failure) : { state: 'trusted', type: trusted.type, fingerprint: trusted.fingerprint, command: null, known: [] },
  };
}

function keyOf(failure: BulkheadError | null): TestedHop['key'] {
  const state = failure === null ? undefined : keyStates[failure.code];
  const details = keyDetails.safeParse(failure?.details);
  if (state === undefined || !details.success) return null;
  const { shown, showCommand = null, known = [] } = details.data;
  return { state, type: shown.type, fingerprint: shown.fingerprint, command: showCommand, known: known.map(({ fingerprint }) => fingerprint) };
}

function toldPrivilege(privilege: Privilege): NonNullable<HostTestReport['privilege']> {
  switch (privilege.kind) {
    case 'root': return { kind: 'root', note: 'this login is root' };
    case 'sudo': return { kind: 'sudo', note: 'sudo asks for no password' };
    case 'none': return { kind: 'none', note: privilege.reason };
    case 'sudo-password':
      if (privilege.known) return { kind: 'sudo with password', note: 'sudo took the password' };
      if (privilege.given) return { kind: 'sudo password refused', note: 'sudo did not take the password; give the one that it asks for on this host' };
      return { kind: 'sudo password missing', note: `sudo does nothing without a password, and none is kept here${privilege.said === '' ? '' : ` (${privilege.said})`}` };
  }
}
