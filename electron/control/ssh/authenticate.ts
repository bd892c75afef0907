import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { AnyAuthMethod, AuthenticationType, NextAuthHandler } from 'ssh2';
import { keyOfAgent } from './agent-key.ts';
import type { AuthenticationAttempt, Credential } from './credential.ts';
import { hostKeyFrom } from './host-key.ts';
import { answerPrompts, type AskPerson } from './keyboard-interactive.ts';
import { parsePrivateKey } from './private-key.ts';
import type { Secret } from './secret.ts';
import type { HostTarget } from './target.ts';

/** Offers the credentials one after the other, and remembers what became of each. What was offered is taken off the list that it was given. */
export class Authentication {
  readonly attempts: AuthenticationAttempt[] = [];
  readonly #hop: HostTarget;
  readonly #waiting: Credential[];
  readonly #ask: AskPerson;
  #current: { method: Credential['kind']; with: string; reason?: string } | undefined;
  #accepted: Secret | undefined;

  constructor(hop: HostTarget, credentials: Credential[], ask: AskPerson) {
    this.#hop = hop;
    this.#waiting = credentials;
    this.#ask = async (prompt) => {
      const answers = await ask(prompt);
      if (answers === null) this.note('nobody has answered the questions of the host');
      return answers;
    };
  }

  /** The password that logged in, when one did: sudo asks for the same one. */
  get acceptedPassword(): Secret | undefined {
    return this.#accepted;
  }

  /** Why the method that is being tried fails, when something else than the host says so: an agent, for example. */
  note(reason: string): void {
    if (this.#current !== undefined) this.#current.reason = reason;
  }

  /** Ends the record; call it when there is no more to come. `cut`: the host has hung up, and what was not offered stays on the list. */
  conclude(outcome: 'accepted' | 'refused' | 'cut'): readonly AuthenticationAttempt[] {
    this.#finishCurrent(outcome === 'accepted' ? outcome : 'refused');
    const rest = ({ accepted: 'not needed', refused: 'not offered by the host', cut: 'not tried' } as const)[outcome];
    for (const credential of this.#waiting) this.attempts.push({ method: credential.kind, with: nameOf(credential), outcome: rest });
    if (outcome !== 'cut') this.#waiting.length = 0;
    return [...this.attempts];
  }

  /** For ssh2: called when the host's key has been verified, and after each refusal. */
  readonly handler = (offered: readonly AuthenticationType[] | null, partialSuccess: boolean, next: NextAuthHandler): void => {
    // the answer to "none" says which methods the host offers
    if (offered === null) {
      next({ type: 'none', username: this.#hop.user });
      return;
    }
    this.#finishCurrent(partialSuccess ? 'accepted, more is asked' : 'refused');
    void this.#nextMethod(offered).then(
      // ssh2 takes false for "no more", which its types leave out
      (method) => { (next as (method: AnyAuthMethod | false) => void)(method ?? false); },
    );
  };

  #finishCurrent(outcome: AuthenticationAttempt['outcome']): void {
    if (this.#current !== undefined) this.attempts.push({ ...this.#current, outcome: this.#current.reason === undefined ? outcome : 'could not be used' });
    this.#current = undefined;
    if (outcome !== 'accepted') this.#accepted = undefined;
  }

  async #nextMethod(offered: readonly AuthenticationType[]): Promise<AnyAuthMethod | undefined> {
    for (;;) {
      const index = this.#waiting.findIndex((credential) => methodsOf(credential).some((method) => offered.includes(method)));
      const [credential] = index < 0 ? [] : this.#waiting.splice(index, 1);
      if (credential === undefined) return undefined;
      this.#current = { method: credential.kind, with: nameOf(credential) };
      try {
        return await this.#prepare(credential, offered);
      } catch (error) {
        this.note(error instanceof Error ? error.message : 'unknown');
        this.#finishCurrent('could not be used');
      }
    }
  }

  async #prepare(credential: Credential, offered: readonly AuthenticationType[]): Promise<AnyAuthMethod> {
    const username = this.#hop.user;
    switch (credential.kind) {
      case 'agent': {
        const agent = credential.socket ?? process.env['SSH_AUTH_SOCK'];
        if (agent === undefined || agent === '') throw new Error('no agent is running: SSH_AUTH_SOCK is not set');
        return { type: 'agent', username, agent };
      }
      case 'key':
        return this.#publicKey(credential.name, credential.privateKey.reveal(), credential.passphrase);
      case 'key-file':
        return this.#keyFile(credential);
      case 'password':
        if (credential.password === undefined) throw new Error('the password is not kept here');
        this.#accepted = credential.password;
        if (offered.includes('password')) return { type: 'password', username, password: credential.password.reveal() };
        return answerPrompts(this.#hop, credential.password, this.#ask);
      case 'keyboard-interactive':
        this.#accepted = credential.password;
        return answerPrompts(this.#hop, credential.password, this.#ask);
    }
  }

  async #keyFile({ path, passphrase, agent: socket }: Extract<Credential, { kind: 'key-file' }>): Promise<AnyAuthMethod> {
    const file = path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
    try {
      return this.#publicKey(path, await readFile(file, 'utf8'), passphrase);
    } catch (error) {
      const held = await keyOfAgent(file, socket ?? process.env['SSH_AUTH_SOCK']);
      if (held === null) throw error;
      this.#current = { method: 'key-file', with: `${path} (${held.key.fingerprint}), which the agent holds` };
      return { type: 'agent', username: this.#hop.user, agent: held.agent };
    }
  }

  #publicKey(name: string, text: string, passphrase: Secret | undefined): AnyAuthMethod {
    const key = parsePrivateKey(text, passphrase);
    this.#current = { method: this.#current?.method ?? 'key', with: `${name} (${hostKeyFrom(key.getPublicSSH()).fingerprint})` };
    return { type: 'publickey', username: this.#hop.user, key };
  }
}

function methodsOf(credential: Credential): AuthenticationType[] {
  switch (credential.kind) {
    case 'agent':
    case 'key':
    case 'key-file': return ['publickey'];
    // many hosts ask for the password through keyboard-interactive only
    case 'password': return ['password', 'keyboard-interactive'];
    case 'keyboard-interactive': return ['keyboard-interactive'];
  }
}

function nameOf(credential: Credential): string {
  switch (credential.kind) {
    case 'agent': return credential.socket ?? process.env['SSH_AUTH_SOCK'] ?? 'no agent';
    case 'key': return credential.name;
    case 'key-file': return credential.path;
    case 'password': return 'the password';
    case 'keyboard-interactive': return 'answers to the questions of the host';
  }
}
