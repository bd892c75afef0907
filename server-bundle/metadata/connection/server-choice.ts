import { BulkheadError, databaseServers, serverAddress, type DatabaseServer } from '../../contract/index.ts';
import type { NodeConfig } from '../../config/schema.ts';

/** What a server says of itself: null for one that may not be written to; otherwise the timeline of its write-ahead log. */
export type AskServer = (server: DatabaseServer) => Promise<number | null>;

/**
 * Which of the database's servers this process talks to. All pools share the choice: what one of them learned about a server that is gone, or
 * that has become a standby, the others need not find out again.
 *
 * With several servers the choice is the one that may be written to. After a failover the former primary may come back and take writes too, for
 * whoever does not know better; its timeline is the lower one, so all that answer are asked before one is chosen.
 */
export class ServerChoice {
  readonly #servers: readonly DatabaseServer[];
  #current: DatabaseServer;
  #settled: boolean;
  #asking: Promise<void> | undefined;

  constructor(servers: readonly DatabaseServer[]) {
    const [first] = servers;
    if (first === undefined) throw new TypeError('a database has at least one server');
    this.#servers = servers;
    this.#current = first;
    this.#settled = servers.length === 1;
  }

  /** how many there are */
  get count(): number {
    return this.#servers.length;
  }

  get current(): DatabaseServer {
    return this.#current;
  }

  /** It did not answer, or may not be written to: the choice is made anew before the next connection. A late word about one that was left changes nothing. */
  failed(server: DatabaseServer): void {
    if (server === this.#current && this.#servers.length > 1) this.#settled = false;
  }

  /**
   * Makes the choice, if it has to be made.
   * @throws what the only server answered, or DATABASE_UNAVAILABLE when none of them may be written to
   */
  async settle(ask: AskServer): Promise<void> {
    if (this.#settled) return;
    this.#asking ??= this.#choose(ask).finally(() => { this.#asking = undefined; });
    await this.#asking;
  }

  async #choose(ask: AskServer): Promise<void> {
    const answers = await Promise.allSettled(this.#servers.map(ask));
    let best: { server: DatabaseServer; timeline: number } | undefined;
    for (const [at, server] of this.#servers.entries()) {
      const answer = answers[at];
      if (answer?.status !== 'fulfilled' || answer.value === null) continue;
      if (best === undefined || answer.value > best.timeline) best = { server, timeline: answer.value };
    }
    if (best === undefined) {
      const refused = answers.find((answer) => answer.status === 'rejected');
      throw new BulkheadError('DATABASE_UNAVAILABLE', `None of the database servers ${this.#servers.map(serverAddress).join(', ')} is a primary that answers`,
        refused === undefined ? {} : { cause: refused.reason });
    }
    this.#current = best.server;
    this.#settled = true;
  }
}

const choices = new WeakMap<NodeConfig['database'], ServerChoice>();

/** The one choice of a configuration. */
export function serverChoice(database: NodeConfig['database']): ServerChoice {
  let choice = choices.get(database);
  if (choice === undefined) {
    choice = new ServerChoice(databaseServers(database.host, database.port) ?? [{ host: database.host, port: database.port }]);
    choices.set(database, choice);
  }
  return choice;
}
