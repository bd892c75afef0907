import { connect as connectTcp } from 'node:net';
import type { Duplex } from 'node:stream';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { connectHop, type ConnectedHop, type HopOptions } from './connect-hop.ts';
import { ConnectedSession } from './connected-session.ts';
import type { AuthenticationPrompt, Credentials } from './credential.ts';
import { Deadline } from './deadline.ts';
import { forwardThrough } from './forward.ts';
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
}

/**
 * Connects, through every jump host. Each host's key is verified before anything that proves who we are is sent to it.
 *
 * Throws HOST_UNREACHABLE, HOST_KEY_UNKNOWN, HOST_KEY_CHANGED, HOST_KEY_REVOKED (nothing was sent), AUTH_FAILED,
 * FORWARDING_DENIED (a jump host lets nothing through), SSH_PROTOCOL_FAILED, CANCELLED; `details.hop` names the host.
 */
export async function openSession(target: HostTarget, credentials: Credentials, knownHosts: KnownHosts, options: OpenOptions = {}): Promise<SshSession> {
  const hopOptions: HopOptions = {
    timeoutMs: options.timeoutMs ?? 15_000,
    ask: options.onPrompt ?? (async () => null),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  const connected: ConnectedHop[] = [];
  try {
    for (const hop of [...target.jump, target]) {
      const before = connected.at(-1);
      const connection = before === undefined ? await dial(hop, hopOptions) : await forwardThrough(before.client, hop.address, hop.port);
      const offered = typeof credentials === 'function' ? await credentials(hop) : credentials;
      connected.push(await connectHop(hop, connection, offered, knownHosts, hopOptions));
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

/** A TCP connection to the first hop. */
async function dial(hop: HostTarget, { timeoutMs, signal }: HopOptions): Promise<Duplex> {
  const name = describeTarget(hop);
  const unreachable = (reason: string, cause?: unknown): BulkheadError => new BulkheadError('HOST_UNREACHABLE', `${name} cannot be reached (${reason})`, { details: { hop: name, reason }, cause });
  const socket = connectTcp({ host: hop.address, port: hop.port, noDelay: true });
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
