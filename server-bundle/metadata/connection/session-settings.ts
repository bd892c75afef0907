import type { ClientConfig } from 'pg';
import { TypeOverrides } from 'pg';
import { readFileSync } from 'node:fs';
import type { NodeConfig } from '../../config/schema.ts';
import type { PasswordSource } from './password-source.ts';

/** PostgreSQL cuts longer names (NAMEDATALEN − 1 bytes). */
const longestName = 63;

/**
 * How the sessions of an incarnation are named in `pg_stat_activity`. A long nodeId is cut, never the incarnation:
 * sessions are found by `sessionsOf`.
 */
export function applicationName(nodeId: string, incarnation: string): string {
  const room = longestName - 'bulkhead::'.length - incarnation.length;
  return `bulkhead:${nodeId.slice(0, Math.max(0, room))}:${incarnation}`;
}

/** LIKE pattern of the names that `applicationName` gives to an incarnation. */
export function sessionsOf(incarnation: string): string {
  return `bulkhead:%:${incarnation}`;
}

export interface SessionLimits {
  /** the server ends a statement after this many milliseconds; 0: never */
  readonly statementMs: number;
  /** the server ends a session that sits in a transaction for this long, milliseconds */
  readonly idleInTransactionMs: number;
  /** a wait for a row lock ends after this many milliseconds */
  readonly lockMs: number;
}

/** bigint columns hold numbers below 2^53 here */
const int8 = 20;

const parsers = new TypeOverrides();
parsers.setTypeParser(int8, Number);

/**
 * What every session of ours is opened with, whichever server it goes to. The limits are sent with the start packet, so that they hold from the first
 * statement on; keepalives and tcp_user_timeout let the server notice a dead host within seconds instead of hours.
 */
export function clientConfig(
  database: NodeConfig['database'], passwords: PasswordSource | undefined, name: string, limits: SessionLimits,
): ClientConfig {
  const settings = {
    statement_timeout: limits.statementMs,
    lock_timeout: limits.lockMs,
    idle_in_transaction_session_timeout: limits.idleInTransactionMs,
    tcp_keepalives_idle: 5,
    tcp_keepalives_interval: 2,
    tcp_keepalives_count: 3,
    tcp_user_timeout: 10_000,
    client_min_messages: 'error',
    timezone: 'UTC',
  };
  return {
    database: database.name,
    user: database.user,
    ...(passwords?.current === undefined ? {} : { password: () => passwords.current ?? '' }),
    ssl: tlsOf(database.tls),
    application_name: name,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5000,
    options: Object.entries(settings).map(([key, value]) => `-c ${key}=${String(value)}`).join(' '),
    types: parsers,
  };
}

function tlsOf(tls: NodeConfig['database']['tls']): NonNullable<ClientConfig['ssl']> {
  if (tls.mode === 'disable') return false;
  const ca = tls.caFile === undefined ? {} : { ca: readFileSync(tls.caFile, 'utf8') };
  return { ...ca, rejectUnauthorized: tls.mode === 'verify-full', ...(tls.mode === 'require' ? { checkServerIdentity: () => undefined } : {}) };
}
