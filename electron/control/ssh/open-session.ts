import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { AuthenticationPrompt, Credentials } from './credential.ts';
import type { KnownHosts } from './known-hosts/known-hosts.ts';
import type { Secret } from './secret.ts';
import type { SshSession } from './session.ts';
import type { HostTarget } from './target.ts';

export interface OpenOptions {
  readonly signal?: AbortSignal;
  /** milliseconds for each hop, from the connection to the login; 15 s when left out */
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
export async function openSession(_target: HostTarget, _credentials: Credentials, _knownHosts: KnownHosts, _options: OpenOptions = {}): Promise<SshSession> {
  throw new BulkheadError('INTERNAL');
}
