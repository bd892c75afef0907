import type { PeekKey, Session } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import { looksLikeToken, tokenHash } from './access-token.ts';
import type { Credentials } from './credentials.ts';
import { readDerived } from './derived-token.ts';
import { hotIdentity, type HotIdentity } from './hot-identity.ts';
import { loginFailed, loginSucceeded, requireUnlocked } from './login-lock.ts';
import { LoginThrottle } from './login-throttle.ts';
import { decoyPassword, maxPasswordBytes } from './password.ts';
import { PasswordCheck } from './password-check.ts';
import type { Principal } from './principal.ts';
import { principalBy, proofOf, userNamed, type Proof } from './proof.ts';
import type { ClusterKeys } from './rotating-secrets.ts';
import { ShownProofs } from './shown-proofs.ts';

/** Finds out who sends a request. One for each process: it holds what was verified and who failed. */
export class Authenticator {
  readonly #passwords = new PasswordCheck();
  readonly #throttle: LoginThrottle;
  readonly #shown = new ShownProofs();
  readonly #keys: ClusterKeys;

  /**
   * @param keys of the cluster, which sign derived tokens
   * @param throttle one that hears of logins in other processes of the node
   */
  constructor(keys: ClusterKeys, throttle = new LoginThrottle()) {
    this.#keys = keys;
    this.#throttle = throttle;
  }

  /**
   * Reads user, token and settings through the coherence layer: a change of rights holds on every node before the
   * request that made it returns, and a hot request needs no SQL.
   *
   * @param address of the client, for the throttle
   * @throws AUTHENTICATION_REQUIRED, CREDENTIALS_INVALID, LOGIN_THROTTLED, OVERLOADED
   */
  async principal(session: Session, credentials: Credentials, address: string): Promise<Principal> {
    switch (credentials.kind) {
      case 'none': return principalBy(session.coherence.read, { kind: 'anonymous' });
      case 'password': return this.#byPassword(session, credentials.user, credentials.password, address);
      case 'token': return this.#byToken(session, credentials.token, credentials.user);
    }
  }

  /** A request with this `Authorization` was let in: the next one with the very same may go the short way. */
  remember(authorization: string | undefined, principal: Principal): void {
    const proof = proofOf(principal);
    if (authorization === undefined || proof === undefined || proof.kind === 'derived' || proof.kind === 'anonymous') return;
    this.#shown.remember(authorization, { proof, name: principal.name });
  }

  /**
   * What `principal` answers, at this moment and by memory alone. Undefined when it has to be asked, and for everybody whom it would refuse.
   * @param authorization the header; undefined without one
   */
  hot(peek: PeekKey, authorization: string | undefined, address: string): HotIdentity | undefined {
    if (authorization === undefined) return hotIdentity(peek, { kind: 'anonymous' });
    const shown = this.#shown.of(authorization);
    if (shown === undefined || (shown.proof.kind === 'password' && !this.#throttle.lets(shown.proof.user, address))) return undefined;
    const identity = hotIdentity(peek, shown.proof);
    return identity?.name === shown.name ? identity : undefined;
  }

  async #byPassword(session: Session, name: string, password: string, address: string): Promise<Principal> {
    const { read } = session.coherence;
    const held = this.#throttle.missed(name, address);
    if (held !== undefined && (await userNamed(read, name))?.password !== held) this.#throttle.forget(name, address);
    this.#throttle.check(name, address);
    const user = await userNamed(read, name);
    if (user !== undefined) requireUnlocked(user);
    const encoded = user?.password ?? decoyPassword;
    const right = Buffer.byteLength(password) <= maxPasswordBytes && await this.#rightPassword(session, name, password, { encoded, exists: user !== undefined }, address);
    if (!right || user === undefined || user.disabled) throw new BulkheadError('CREDENTIALS_INVALID');
    return principalBy(read, { kind: 'password', user: name, encoded });
  }

  /** Failures are counted when a verification begins, so that parallel guesses do not slip past the throttle. */
  async #rightPassword(
    session: Session, name: string, password: string, { encoded, exists }: { readonly encoded: string; readonly exists: boolean }, address: string,
  ): Promise<boolean> {
    if (this.#passwords.remembers(name, password, encoded)) return true;
    const { outcome, joined } = this.#passwords.verify(name, password, encoded);
    if (!joined) this.#throttle.failed(name, address, exists ? encoded : undefined);
    const right = await outcome;
    if (right) this.#throttle.succeeded(name, address);
    if (exists && !joined) await (right ? loginSucceeded(session, name) : loginFailed(session, name));
    return right;
  }

  /**
   * Tokens are not throttled: nobody guesses 256 bits, and clients behind one address that go on sending one that has expired (Docker does, at
   * every pull) must not keep the good ones out.
   * @param user what the token has to belong to; null when the client did not say
   */
  async #byToken({ coherence: { read } }: Session, token: string, user: string | null): Promise<Principal> {
    const proof: Proof | undefined = looksLikeToken(token) ? { kind: 'token', hash: tokenHash(token) } : readDerived(this.#keys, token);
    if (proof === undefined) throw new BulkheadError('CREDENTIALS_INVALID');
    const principal = await principalBy(read, proof);
    if (user !== null && user !== principal.name && `token:${user}` !== principal.name) throw new BulkheadError('CREDENTIALS_INVALID');
    return principal;
  }
}
