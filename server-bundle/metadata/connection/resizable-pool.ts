import { Pool, type ClientConfig, type PoolClient } from 'pg';
import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import type { PoolState } from '../../contract/index.ts';
import { BulkheadError } from '../../contract/index.ts';
import { afterSilence } from '../../silence.ts';
import { askServer } from './ask-server.ts';
import { IdentityChanged, IncarnationGone, processOf } from './identity.ts';
import { withEachPassword, type PasswordSource } from './password-source.ts';
import { seekingClient, serverOf } from './seeking-client.ts';
import type { AskServer, ServerChoice } from './server-choice.ts';

export interface PoolOptions {
  readonly client: ClientConfig;
  /** where connections are made to */
  readonly servers: ServerChoice;
  readonly passwords?: PasswordSource;
  /** connections at most; `resize` changes it */
  readonly max: number;
  /** a wait for a connection ends after this many milliseconds */
  readonly acquireMs: number;
  /**
   * Nothing heard of a statement for this long, milliseconds: the connection is cut. Above the server's own limit, so that
   * only a dead or frozen server is meant.
   */
  readonly silenceMs: number;
  /** idle sessions are closed after this many milliseconds; 0: never */
  readonly idleMs: number;
  /** when the server last answered this process elsewhere, on the clock of `performance.now`; default: never */
  readonly heardElsewhere?: () => number;
  /** Runs on each new connection before anybody gets it; a rejection closes it and fails who asked. */
  readonly check: (client: PoolClient) => Promise<void>;
  /** what the check rejected with */
  readonly onRefused?: (error: unknown) => void;
}

/**
 * A pg pool whose size follows the connection grant, and whose connections are cut when the server falls silent. A cut
 * connection is never used again, and its server process is known as a stray until it is gone (`livePids`).
 */
export class ResizablePool implements PostgresPool {
  readonly #pool: Pool;
  readonly #silenceMs: number;
  readonly #passwords: PasswordSource | undefined;
  readonly #servers: ServerChoice;
  readonly #ask: AskServer;
  readonly #pids = new Map<PoolClient, number>();
  #max: number;
  readonly #heardElsewhere: () => number;
  /** when the server last answered anybody here, on the clock of `performance.now` */
  #heardAt = -Infinity;
  #draining = 0;
  #ended: Promise<void> | undefined;

  constructor(options: PoolOptions) {
    this.#silenceMs = options.silenceMs;
    this.#passwords = options.passwords;
    this.#servers = options.servers;
    this.#ask = askServer(options.client);
    this.#max = options.max;
    this.#heardElsewhere = options.heardElsewhere ?? (() => -Infinity);
    const { check, onRefused } = options;
    this.#pool = new Pool({
      ...options.client,
      Client: seekingClient(options.servers),
      max: options.max,
      connectionTimeoutMillis: options.acquireMs,
      idleTimeoutMillis: options.idleMs,
      verify: (client, done) => {
        const cut = setTimeout(() => { destroySocket(client); }, options.acquireMs);
        check(client).finally(() => { clearTimeout(cut); }).then(() => {
          this.#heard();
          done();
        }, (error: unknown) => {
          const server = serverOf(client);
          // a standby, or one that broke at once: another may be the primary
          if (server !== undefined && !isOurs(error)) options.servers.failed(server);
          onRefused?.(error);
          done(error instanceof Error ? error : new Error(String(error)));
        });
      },
    });
    // an idle connection that breaks leaves the pool by itself; without a listener it would end the process
    this.#pool.on('error', () => undefined);
    this.#pool.on('connect', (client) => {
      this.#pids.set(client, processOf(client));
      // the socket may break between two uses, when nobody else listens
      client.on('error', () => undefined);
    });
    this.#pool.on('remove', (client) => this.#pids.delete(client));
  }

  async connect(): Promise<PostgresPoolClient> {
    const client = await this.#acquire();
    return new GuardedClient(client, this.#silenceMs, { heard: () => { this.#heard(); }, broken: () => this.#pids.delete(client) });
  }

  #heard(): void {
    this.#heardAt = performance.now();
  }

  async #acquire(): Promise<PoolClient> {
    const begun = performance.now();
    try {
      return await this.#seek(() => withEachPassword(this.#passwords, () => this.#pool.connect()));
    } catch (error) {
      // pg tells its own time-outs by their text only: no code, not from the server, not from a socket
      if (error instanceof Error && !('code' in error) && error.name === 'Error') throw this.#timedOut(begun, error);
      // the way broke in the middle of the handshake: as far as a request is concerned, under a statement
      throw isTransport(error) ? asConnectionLost(error) : error;
    }
  }

  /** A server that goes on answering others is there: it is this node that asks more of it than its connections carry. */
  #timedOut(begun: number, cause: Error): BulkheadError {
    const now = performance.now();
    // one whose connections are all busy with long statements answers heartbeats all the same
    return now - Math.max(this.#heardAt, this.#heardElsewhere()) < (now - begun) / 2 && this.#ended === undefined
      ? new BulkheadError('OVERLOADED', 'All database connections of this node are in use', { cause })
      : new BulkheadError('DATABASE_UNAVAILABLE', undefined, { cause });
  }

  /** Tries once more where another server has taken over from the one that failed. */
  async #seek<T>(connect: () => Promise<T>): Promise<T> {
    await this.#servers.settle(this.#ask);
    const asked = this.#servers.current;
    try {
      return await connect();
    } catch (error) {
      if (this.#servers.count === 1 || this.#ended !== undefined) throw error;
      await this.#servers.settle(this.#ask);
      if (this.#servers.current === asked) throw error;
      return connect();
    }
  }

  state(): PoolState {
    const { totalCount, idleCount, waitingCount } = this.#pool;
    return { max: this.#max, inUse: totalCount - idleCount, idle: idleCount, waiting: Math.max(0, waitingCount - this.#draining) };
  }

  /** Server processes behind the connections that this pool still uses. */
  livePids(): number[] {
    return [...this.#pids.values()];
  }

  /** Lets the pool grow to `max`, or shrinks it: resolves when no more than `max` connections are open. */
  async resize(max: number): Promise<void> {
    this.#max = max;
    this.#pool.options.max = max;
    while (this.#pool.totalCount > this.#max && this.#ended === undefined) {
      this.#draining += 1;
      try {
        (await this.#pool.connect()).release(true);
      } catch {
        // too busy to give one back in time: it is asked again
      } finally {
        this.#draining -= 1;
      }
    }
  }

  /** Closes all connections as they come back. */
  end(): Promise<void> {
    this.#ended ??= this.#pool.end();
    return this.#ended;
  }
}

/** The server is the right one; it is this session that it does not let in. */
function isOurs(error: unknown): boolean {
  return error instanceof IncarnationGone || error instanceof IdentityChanged;
}

/** A socket that was open broke; one that could not be opened tells more about itself. */
function isTransport(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && (error.syscall === 'read' || error.syscall === 'write');
}

interface ClientEvents {
  /** the server has answered a statement, with rows or with an error */
  readonly heard: () => void;
  /** the connection is given back broken */
  readonly broken: () => void;
}

/** One borrowed connection. After a silence it is cut, and whoever waits on it gets an error. */
class GuardedClient implements PostgresPoolClient {
  readonly #client: PoolClient;
  readonly #silenceMs: number;
  readonly #on: ClientEvents;
  #broken = false;

  constructor(client: PoolClient, silenceMs: number, on: ClientEvents) {
    this.#client = client;
    this.#silenceMs = silenceMs;
    this.#on = on;
  }

  query<R>(statement: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  query(cursor: never): never;
  async query<R>(statement: string, parameters: readonly unknown[] = []): Promise<PostgresQueryResult<R>> {
    const answered = afterSilence(this.#silenceMs, () => {
      this.#broken = true;
      destroySocket(this.#client);
    });
    try {
      const result = await this.#client.query<R & Record<string, unknown>>(statement, [...parameters]);
      this.#on.heard();
      return result as unknown as PostgresQueryResult<R>;
    } catch (error) {
      // after an error that is not the server's word nobody knows what the connection is in the middle of
      if (error instanceof Error && 'severity' in error) this.#on.heard();
      else this.#broken = true;
      throw this.#broken ? asConnectionLost(error) : error;
    } finally {
      answered();
    }
  }

  release(): void {
    // from now on its server process is a stray: what it was told last may still take effect
    if (this.#broken) this.#on.broken();
    this.#client.release(this.#broken);
  }
}

function destroySocket(client: PoolClient): void {
  const { connection } = client as unknown as { connection?: { stream?: { destroy(): void } } };
  connection?.stream?.destroy();
}

/**
 * pg has no code for "the connection ended under a statement", or only the socket's (ECONNRESET), which a client's connection has as
 * well; SQLSTATE 08006 (connection_failure) says just that. `errno` and `syscall` stay for the log.
 */
function asConnectionLost(error: unknown): unknown {
  if (!(error instanceof Error) || 'severity' in error) return error;
  return Object.assign(error, { code: '08006' });
}
