import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { HostChanges, HostSummary, HostTestReport } from '../../contract/index.ts';
import { Secret, type SshSession } from '../ssh/index.ts';
import { authorize, authorizedKey, publicHalf, unauthorize } from './authorized-keys.ts';
import type { HostConnections } from './host-connections.ts';
import type { Hosts } from './hosts.ts';
import { testHost } from './test-host.ts';

export interface EditRequest {
  readonly hostId: string;
  readonly changes: HostChanges;
  readonly test: boolean;
  readonly authorizedKey: 'leave' | 'add' | 'replace';
}

export interface EditResult {
  readonly host: Omit<HostSummary, 'node'>;
  readonly test: HostTestReport | null;
  /** fingerprints */
  readonly authorizedKeys: { readonly added: string | null; readonly removed: string | null };
}

/**
 * Changes a host. What concerns the connection is tried first, and only what was let in takes the place of what worked before: a mistake locks nobody out.
 * Throws the failure of the test with the report in its details; nothing has changed then.
 */
export async function editHost(hosts: Hosts, connections: HostConnections, { hostId, changes, test, authorizedKey: mode }: EditRequest, signal: AbortSignal): Promise<EditResult> {
  const before = await hosts.access(hostId);
  const draft = hosts.draftOf(hostId, changes);
  const after = await hosts.accessOf(draft);
  const fresh = mode === 'leave' ? null : await newKeyOf(changes);
  const installed = fresh === null ? null : await withSession(() => connections.open(before, signal), async (session) => ({ isNew: await authorize(session, fresh) }));
  const takeBack = async (): Promise<void> => {
    if (fresh === null || installed?.isNew !== true) return;
    // the signal may be what has ended the test
    await withSession(() => connections.open(before, AbortSignal.timeout(30_000)), (session) => unauthorize(session, fresh));
  };
  let report: HostTestReport | null = null;
  try {
    // a key that takes another one's place has to be seen working, whatever was asked for
    if (concernsConnection(changes) && (test || mode === 'replace')) {
      report = await testHost(connections, after, signal);
      refuseFailure(report, changes);
    }
    signal.throwIfAborted();
  } catch (error) {
    await takeBack().catch(() => undefined);
    throw signal.aborted ? new BulkheadError('CANCELLED') : error;
  }
  const oldFingerprint = mode === 'replace' ? await acceptedKey(connections, before, signal) : null;
  const host = await hosts.change(draft);
  let removed: string | null = null;
  if (oldFingerprint !== null && oldFingerprint !== fresh?.fingerprint) {
    removed = await withSession(() => connections.open(after, signal), async (session) => {
      const old = await authorizedKey(session, oldFingerprint);
      if (old === null) return null;
      await unauthorize(session, old);
      return old.fingerprint;
    });
  }
  return { host, test: report, authorizedKeys: { added: installed?.isNew === true ? fresh?.fingerprint ?? null : null, removed } };
}

/** Name and the like may change without a connection. */
function concernsConnection({ name: _name, ...connection }: HostChanges): boolean {
  return Object.values(connection).some((value) => value !== undefined);
}

function refuseFailure(report: HostTestReport, { auth, sudoPassword }: HostChanges): void {
  const { failure, privilege, hops } = report;
  if (failure !== null) {
    const { code, message } = failure;
    throw new BulkheadError(code === 'HOST_KEY_UNKNOWN' || code === 'HOST_KEY_CHANGED' || code === 'HOST_KEY_REVOKED' || code === 'HOST_UNREACHABLE' ? code : 'AUTH_FAILED', message, { details: { report }, hint: 'Nothing was changed. See "details" for what was tried.' });
  }
  const first = hops.at(-1)?.attempts[0];
  // a fallback that worked proves nothing about the new way
  if (auth !== undefined && first !== undefined && !first.outcome.startsWith('accepted')) {
    throw new BulkheadError('AUTH_FAILED', `The host did not accept the new way to sign in (${first.method}: ${first.reason ?? first.outcome}); another one works`, { details: { report }, hint: 'Nothing was changed.' });
  }
  if (typeof sudoPassword === 'string' && privilege?.kind === 'sudo password refused') {
    throw new BulkheadError('SUDO_PASSWORD_WRONG', undefined, { details: { report }, hint: 'Nothing was changed.' });
  }
}

async function newKeyOf({ auth }: HostChanges): ReturnType<typeof publicHalf> {
  if (auth?.kind !== 'key') throw new BulkheadError('ARGUMENT_INVALID', 'Only a key can be put into authorized_keys', { hint: 'Name the file of the new private key.' });
  return publicHalf(auth.file, auth.passphrase === undefined ? undefined : new Secret(auth.passphrase));
}

/** The fingerprint of the key that the old way is let in with; null when it is none that can be named, an agent's for example. */
async function acceptedKey(connections: HostConnections, access: Parameters<HostConnections['open']>[0], signal: AbortSignal): Promise<string | null> {
  let found: string | null = null;
  await withSession(() => connections.open(access, signal, ({ hop, attempts }) => {
    if (hop !== access.target) return;
    const accepted = attempts.find(({ outcome }) => outcome === 'accepted');
    found = /\((SHA256:[\w+/]+)\)$/.exec(accepted?.with ?? '')?.[1] ?? null;
  }), async () => undefined);
  return found;
}

async function withSession<T>(open: () => Promise<SshSession>, work: (session: SshSession) => Promise<T>): Promise<T> {
  const session = await open();
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}
