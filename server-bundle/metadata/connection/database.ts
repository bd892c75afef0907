import { Kysely, PostgresDialect } from 'kysely';
import type { PoolState } from '../../contract/index.ts';
import type { NodeConfig } from '../../config/schema.ts';
import type { Database } from '../schema.ts';
import { checkSession, type DatabaseIdentity } from './identity.ts';
import { ResizablePool } from './resizable-pool.ts';
import type { PasswordSource } from './password-source.ts';
import { serverChoice } from './server-choice.ts';
import { clientConfig } from './session-settings.ts';

export interface OpenOptions {
  readonly database: NodeConfig['database'];
  /** none: the database asks for none */
  readonly passwords?: PasswordSource;
  /** see `applicationName` */
  readonly name: string;
  /** connections at most; default 1 */
  readonly max?: number;
  /** every new connection proves that this incarnation is not gone */
  readonly incarnation?: string;
  /** and that the database is still this one */
  readonly identity?: DatabaseIdentity;
  /** what becomes of sessions that a pooler hands out; default: refused with DATABASE_POOLED */
  readonly pooler?: 'refused' | 'told';
  /** server's limit for a statement, milliseconds; 0: none; default: the configuration's */
  readonly statementMs?: number;
  /** server's limit for an idle transaction, milliseconds; default 10,000 */
  readonly idleInTransactionMs?: number;
  /** wait for a row lock, milliseconds; default 10,000 */
  readonly lockMs?: number;
  /** wait for a connection, milliseconds; default 5,000 */
  readonly acquireMs?: number;
  /** the connection is cut when a statement is not answered for this long, milliseconds; default: 2 s above the statement's limit */
  readonly silenceMs?: number;
  /** idle connections are closed after this long, milliseconds; 0: never; default 60,000 */
  readonly idleMs?: number;
  /** see `PoolOptions` */
  readonly heardElsewhere?: () => number;
  /** a new connection was refused by its check */
  readonly onRefused?: (error: unknown) => void;
  /** after each statement: its duration in milliseconds */
  readonly onStatement?: (durationMs: number, statement: string) => void;
}

/** Connections of one purpose, and the query builder over them. */
export interface OpenDatabase {
  readonly db: Kysely<Database>;
  state(): PoolState;
  livePids(): number[];
  resize(max: number): Promise<void>;
  /** Closes the connections; resolves when all are closed. */
  close(): Promise<void>;
}

/** Opens nothing yet: connections are made when they are first needed, and again after they broke. */
export function openDatabase(options: OpenOptions): OpenDatabase {
  const statementMs = options.statementMs ?? options.database.statementTimeoutMs;
  const pool = new ResizablePool({
    client: clientConfig(options.database, options.passwords, options.name, {
      statementMs,
      idleInTransactionMs: options.idleInTransactionMs ?? 10_000,
      lockMs: options.lockMs ?? 10_000,
    }),
    servers: serverChoice(options.database),
    max: options.max ?? 1,
    acquireMs: options.acquireMs ?? 5000,
    silenceMs: options.silenceMs ?? (statementMs === 0 ? 3_600_000 : statementMs + 2000),
    idleMs: options.idleMs ?? 60_000,
    check: (client) => checkSession(client, { identity: options.identity ?? null, incarnation: options.incarnation ?? null, pooler: options.pooler ?? 'refused' }),
    ...(options.passwords === undefined ? {} : { passwords: options.passwords }),
    ...(options.heardElsewhere === undefined ? {} : { heardElsewhere: options.heardElsewhere }),
    ...(options.onRefused === undefined ? {} : { onRefused: options.onRefused }),
  });
  const { onStatement } = options;
  const db = new Kysely<Database>({
    dialect: new PostgresDialect({ pool }),
    ...(onStatement === undefined ? {} : { log: (event) => onStatement(event.queryDurationMillis, event.query.sql) }),
  });
  return {
    db,
    state: () => pool.state(),
    livePids: () => pool.livePids(),
    resize: (max) => pool.resize(max),
    close: () => pool.end(),
  };
}
