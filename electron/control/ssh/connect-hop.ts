import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import ssh2, { type Algorithms, type ConnectConfig } from 'ssh2';
import { asBulkheadError, BulkheadError } from '../../../server-bundle/contract/index.ts';
import { Authentication } from './authenticate.ts';
import { lookForCertificate, type CertificateLook } from './certificates/index.ts';
import type { AuthenticationAttempt, Credential } from './credential.ts';
import { Deadline } from './deadline.ts';
import { hostKeyFrom, type HostKey } from './host-key.ts';
import type { KnownHosts } from './known-hosts/known-hosts.ts';
import type { AskPerson } from './keyboard-interactive.ts';
import type { Secret } from './secret.ts';
import { describeTarget, type HostTarget } from './target.ts';
import { keyPlace, verifyHostKey } from './verify-host-key.ts';

/** A host that has been logged in to. */
export interface ConnectedHop {
  readonly client: ssh2.Client;
  readonly hostKey: HostKey;
  readonly password: Secret | undefined;
  readonly attempts: readonly AuthenticationAttempt[];
}

export interface HopOptions {
  readonly timeoutMs: number;
  readonly ask: AskPerson;
  readonly signal?: AbortSignal;
  /** another connection to the same host, to ask for its certificate; given up when the signal comes */
  readonly dialAgain: (signal: AbortSignal) => Promise<Duplex>;
}

/** A connection that has died is noticed within 20 seconds. */
const keepalive = { keepaliveInterval: 5000, keepaliveCountMax: 3 };

// hardware does AES-GCM; the others would be computed in JavaScript
const ciphers = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'] as const;
const hostKeyAlgorithms = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'rsa-sha2-512', 'rsa-sha2-256'] as const;

/**
 * Speaks SSH over a connection that is there already: verifies the host's key, then logs in. Closes the connection when it fails.
 * @param credentials loses what was offered; when the host hangs up before all were, the rest is still there
 */
export async function connectHop(hop: HostTarget, connection: Duplex, credentials: Credential[], knownHosts: KnownHosts, options: HopOptions): Promise<ConnectedHop> {
  const client = new ssh2.Client();
  const name = describeTarget(hop);
  const late = (): BulkheadError => new BulkheadError('HOST_UNREACHABLE', `${name} did not answer in time`, { details: { hop: name, reason: 'timeout' } });
  const deadline = new Deadline(options.timeoutMs, late, options.signal);
  const authentication = new Authentication(hop, credentials, async (prompt) => {
    deadline.pause();
    try {
      return await options.ask(prompt);
    } finally {
      deadline.resume();
    }
  });
  const looking = new AbortController();
  let look: CertificateLook | null = null;
  let hostKey: HostKey | undefined;
  let refusal: Error | undefined;
  let told: Error | undefined;
  // once: the record of the attempts ends with it
  const failed = (error: Error): Error => (told ??= refusal ?? failureOf(error, name, hostKey, authentication));
  const config: Omit<ConnectConfig, 'algorithms'> = {
    ...keepalive,
    sock: connection,
    username: hop.user,
    readyTimeout: 0,
    authHandler: authentication.handler,
    // ssh2 sends nothing that proves who we are before `verify(true)`
    hostVerifier: (blob: Buffer, verify: (trusted: boolean) => void): void => {
      const shown = hostKeyFrom(blob);
      verifyHostKey(hop, shown, knownHosts, look).then(
        () => {
          hostKey = shown;
          verify(true);
        },
        (error: unknown) => {
          refusal = asBulkheadError(error);
          verify(false);
        },
      );
    },
  };
  const ready = new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    client.on('error', (error) => {
      // one key or agent that fails is an attempt among others
      if (error.level === 'agent') authentication.note(error.message);
      else reject(failed(error));
    });
    client.once('close', () => reject(failed(hungUp())));
    client.once('change password', () => {
      authentication.note('the password has expired and has to be changed');
      reject(failed(new Error('the password has expired')));
    });
  });
  ready.catch(() => undefined);
  try {
    const found = await Promise.race([certificateOf(hop, knownHosts, options, looking.signal), gone(connection, looking.signal), deadline.expired]);
    // the library would not be told of an end that was before it
    if (found === 'gone') throw failed(hungUp());
    look = found;
    client.connect({ ...config, algorithms: await algorithmsFor(hop, knownHosts, look) });
    await Promise.race([ready, deadline.expired]);
    if (hostKey === undefined) throw new BulkheadError('INTERNAL', 'a host was let in without its key');
    const attempts = authentication.conclude('accepted');
    return { client, hostKey, password: authentication.acceptedPassword, attempts };
  } catch (error) {
    client.on('error', () => undefined);
    client.destroy();
    connection.destroy();
    throw error;
  } finally {
    looking.abort();
    deadline.clear();
  }
}

const hungUp = (): Error => new Error('the host closed the connection');

/** Resolves when the connection is gone, which it may be already, or when nobody waits for that any more. */
async function gone(connection: Duplex, signal: AbortSignal): Promise<'gone'> {
  if (!connection.destroyed) await once(connection, 'close', { signal }).catch(() => undefined);
  return 'gone';
}

/**
 * What the host shows beside its key; null where no authority is to vouch for it. It takes half of the hop's time at most: a host that does
 * not answer to another connection can be logged in to all the same, once its plain key is trusted.
 */
async function certificateOf(hop: HostTarget, knownHosts: KnownHosts, { dialAgain, timeoutMs }: HopOptions, signal: AbortSignal): Promise<CertificateLook | null> {
  const { address, port } = keyPlace(hop);
  return await knownHosts.hangsOnAuthority(address, port) ? lookForCertificate(dialAgain, timeoutMs / 2, signal) : null;
}

/** Types of keys that are known of the host, or certified, come first: a key of another type could not be compared. */
async function algorithmsFor(hop: HostTarget, knownHosts: KnownHosts, look: CertificateLook | null): Promise<Algorithms> {
  const { address, port } = keyPlace(hop);
  const certified = look?.certificate?.key.type;
  const known = [...await knownHosts.typesOf(address, port), ...(certified === undefined ? [] : [certified])];
  const isKnown = (algorithm: string): boolean => known.includes(algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm);
  const serverHostKey = [...hostKeyAlgorithms.filter(isKnown), ...hostKeyAlgorithms.filter((algorithm) => !isKnown(algorithm))];
  return { serverHostKey, cipher: [...ciphers] };
}

/** What was tried and what became of each, in one sentence for those who do not see the details. */
export function triedHint(attempts: readonly AuthenticationAttempt[]): string {
  const tried = attempts.map(({ method, outcome, reason }) => `${method} ${reason ?? outcome}`);
  return tried.length === 0 ? 'No way to sign in is kept for this host.' : `Tried: ${tried.join('; ')}. See "details" for more.`;
}

function failureOf(error: Error, hop: string, verified: HostKey | undefined, authentication: Authentication): BulkheadError {
  if (verified !== undefined) {
    const isCut = !('level' in error && error.level === 'client-authentication');
    const attempts = authentication.conclude(isCut ? 'cut' : 'refused');
    // each key of an agent counts as an attempt, and a host hangs up after six unless it was told otherwise
    const isCrowd = isCut && attempts.some(({ method, outcome }) => method === 'agent' && outcome === 'refused');
    return new BulkheadError('AUTH_FAILED', `${hop} did not accept the login`, {
      hint: isCrowd ? 'The host hung up while keys of the agent were tried: it allows only so many attempts (MaxAuthTries). Name the file of the right key instead of the agent, or take other keys out of the agent.' : triedHint(attempts),
      details: { hop, attempts, key: { type: verified.type, fingerprint: verified.fingerprint }, ...(isCut ? { reason: error.message } : {}) }, cause: error,
    });
  }
  const disagree = 'level' in error && error.level === 'handshake';
  return new BulkheadError('SSH_PROTOCOL_FAILED', disagree ? `${hop} and this app could not agree on how to speak SSH` : `${hop} does not speak SSH as expected`, {
    ...(disagree ? { hint: 'See "details" for what they share none of. A host that offers certificates and nothing else has to offer its plain key too (HostKeyAlgorithms in its sshd_config): the certificate is checked beside it.' } : {}),
    details: { hop, reason: error.message }, cause: error,
  });
}
