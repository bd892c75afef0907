import { openSession, type HopTrace, type KnownHosts, type SshSession } from '../ssh/index.ts';
import type { HostQuestions } from './host-questions.ts';
import type { HostAccess } from './hosts.ts';

/** Opens connections to hosts: over all hosts on the way, each with its own credentials, and with a person for what only a person can answer. */
export class HostConnections {
  readonly knownHosts: KnownHosts;
  readonly #questions: HostQuestions;

  constructor(knownHosts: KnownHosts, questions: HostQuestions) {
    this.knownHosts = knownHosts;
    this.#questions = questions;
  }

  /** Throws what `openSession` throws. @param trace told of each hop, as it was reached or not */
  open({ target, credentials, sudoPassword }: HostAccess, signal: AbortSignal, trace?: (hop: HopTrace) => void): Promise<SshSession> {
    return openSession(target, credentials, this.knownHosts, {
      signal, onPrompt: (prompt) => this.#questions.ask(prompt, signal),
      ...(sudoPassword === null ? {} : { sudoPassword }), ...(trace === undefined ? {} : { onHop: trace }),
    });
  }
}
