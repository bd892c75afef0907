import { connect as connectTcp, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { asBulkheadError, BulkheadError } from '../../../server-bundle/contract/index.ts';
import { connectHop, triedHint, type ConnectedHop, type HopOptions } from './connect-hop.ts';
import { ConnectedSession } from './connected-session.ts';
import type { AuthenticationAttempt, AuthenticationPrompt, Credential, Credentials } from './credential.ts';
import { Deadline } from './deadline.ts';
import { forwardThrough } from './forward.ts';
import type { HostKey } from './host-key.ts';
import type { KnownHosts } from './known-hosts/known-hosts.ts';
import type { Secret } from './secret.ts';
import type { SshSession } from './session.ts';
import { describeTarget, type HostTarget } from './target.ts';

export interface OpenOptions {
  readonly signal?: AbortSignal;
  /** milliseconds for each hop, from the connection to the login; 15 s when left out. It stands still while a person is asked. */
  readonly timeoutMs?: number;
  /** asked for the answers to a keyboard-interactive login; null gives up */
  readonly onPrompt?: (prompt: AuthenticationPrompt) => Promise<readonly Secret[] | null>;
  /** for sudo; the password of the login when left out */
  readonly sudoPassword?: Secret;
  /** told of each hop once it is logged in to, or has failed; those behind one that has failed are not tried */
  readonly onHop?: (hop: HopTrace) => void;
}

/** What became of one hop. */
export interface HopTrace {
  readonly hop: HostTarget;
  readonly durationMs: number;
  /** null: logged in */
  readonly failure: BulkheadError | null;
  /** null: its key was not trusted, or not seen */
  readonly hostKey: HostKey | null;
  readonly attempts: readonly AuthenticationAttempt[];
}

/**
 * Connects, through every jump host. Each host's key is verified before anything that proves who we are is sent to it.
 *
 * Throws HOST_UNREACHABLE, HOST_KEY_UNKNOWN, HOST_KEY_CHANGED, HOST_KEY_REVOKED (nothing was sent), AUTH_FAILED,
 * FORWARDING_DENIED (a jump host lets nothing through), SSH_PROTOCOL_FAILED, CANCELLED; `details.hop` names the host.
 */
export async function openSession(target: HostTarget, credentials: Credentials, knownHosts: KnownHosts, options: OpenOptions = {}): Promise<SshSession> {
  const hopOptions: Omit<HopOptions, 'dialAgain'> = {
    timeoutMs: options.timeoutMs ?? 15_000,
    ask: options.onPrompt ?? (async () => null),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  const connected: ConnectedHop[] = [];
  try {
    for (const hop of [...target.jump, target]) {
      const start = performance.now();
      const tell = (outcome: Omit<HopTrace, 'hop' | 'durationMs'>): void => options.onHop?.({ hop, durationMs: performance.now() - start, ...outcome });
      try {
        const before = connected.at(-1);
        const offered = typeof credentials === 'function' ? await credentials(hop) : credentials;
        const dialled: Dial = (limits, address) => (before === undefined ? dial(hop, limits, address) : dialThrough(before, hop, limits));
        const reached = await logIn(hop, dialled, offered, knownHosts, hopOptions);
        connected.push(reached);
        tell({ failure: null, hostKey: reached.hostKey, attempts: reached.attempts });
      } catch (error) {
        const failure = asBulkheadError(error);
        tell({ failure, hostKey: null, attempts: attemptsOf(failure) });
        throw error;
      }
    }
    return new ConnectedSession(target, connected, options.sudoPassword);
  } catch (error) {
    for (const { client } of connected.reverse()) {
      client.on('error', () => undefined);
      client.destroy();
    }
    throw error;
  }
}

type Limits = Pick<HopOptions, 'timeoutMs' | 'signal'>;
/** @param address of the machine that is meant, where several have the name of the hop */
type Dial = (limits: Limits, address?: string) => Promise<Duplex>;

/** A host that hangs up before everything was offered, because an agent held too many keys, is offered the rest through a new connection. */
async function logIn(hop: HostTarget, dialled: Dial, credentials: readonly Credential[], knownHosts: KnownHosts, options: Omit<HopOptions, 'dialAgain'>): Promise<ConnectedHop> {
  const left = [...credentials];
  const earlier: AuthenticationAttempt[] = [];
  for (;;) {
    const before = left.length;
    try {
      const connection = await dialled(options);
      const machine = connection instanceof Socket ? connection.remoteAddress : undefined;
      const reached = await connectHop(hop, connection, left, knownHosts, { ...options, dialAgain: (signal) => dialled({ ...options, signal }, machine) });
      return { ...reached, attempts: [...earlier, ...reached.attempts] };
    } catch (error) {
      const failure = asBulkheadError(error);
      const attempts = attemptsOf(failure);
      if (attempts.length === 0) throw error;
      if (left.length === 0 || left.length === before) throw withAttempts(failure, [...earlier, ...attempts], earlier.length > 0);
      earlier.push(...attempts.filter(({ outcome }) => outcome !== 'not tried'));
    }
  }
}

/** @param more there were attempts through other connections, which the failure does not know of */
function withAttempts(failure: BulkheadError, attempts: readonly AuthenticationAttempt[], more: boolean): BulkheadError {
  return new BulkheadError(failure.code, failure.message, { hint: more ? triedHint(attempts) : failure.hint, details: { ...failure.details as object, attempts }, cause: failure });
}

function attemptsOf({ code, details }: BulkheadError): readonly AuthenticationAttempt[] {
  if (code !== 'AUTH_FAILED' || typeof details !== 'object' || details === null || !('attempts' in details)) return [];
  return details.attempts as readonly AuthenticationAttempt[];
}

/** One that a jump host makes. It waits for minutes for a host that is silent, and says nothing meanwhile. */
async function dialThrough({ client }: ConnectedHop, hop: HostTarget, { timeoutMs, signal }: Limits): Promise<Duplex> {
  const name = describeTarget(hop);
  const deadline = new Deadline(timeoutMs, () => new BulkheadError('HOST_UNREACHABLE', `${name} does not answer to the host before it`, { details: { hop: name, reason: 'timeout' } }), signal);
  const opening = forwardThrough(client, hop.address, hop.port);
  try {
    return await Promise.race([opening, deadline.expired]);
  } catch (error) {
    // nobody waits for it any more
    void opening.then((stream) => { stream.destroy(); }, () => undefined);
    throw error;
  } finally {
    deadline.clear();
  }
}

/** A TCP connection to the first hop. */
async function dial(hop: HostTarget, { timeoutMs, signal }: Limits, address = hop.address): Promise<Duplex> {
  const name = describeTarget(hop);
  const unreachable = (reason: string, cause?: unknown): BulkheadError => new BulkheadError('HOST_UNREACHABLE', `${name} cannot be reached (${reason})`, { details: { hop: name, reason }, cause });
  const socket = connectTcp({ host: address, port: hop.port, noDelay: true });
  const deadline = new Deadline(timeoutMs, () => unreachable('timeout'), signal);
  try {
    await Promise.race([deadline.expired, new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', (error: NodeJS.ErrnoException) => reject(unreachable(error.code ?? error.message, error)));
    })]);
    return socket;
  } catch (error) {
    socket.on('error', () => undefined);
    socket.destroy();
    throw error;
  } finally {
    deadline.clear();
  }
}
