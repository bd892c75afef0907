import { BulkheadError } from '../contract/index.ts';
import { IdentityChanged, IncarnationGone } from './connection/identity.ts';

/** The server or the way to it is gone: operating system errors and SQLSTATE classes. */
const unreachable = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN']);
/** admin_shutdown, crash_shutdown, cannot_connect_now, idle_session_timeout, too_many_connections, read_only_sql_transaction */
const unserving = new Set(['57P01', '57P02', '57P03', '57P05', '53300', '25006', '25P03']);
/** query_canceled by the statement limit, lock_not_available */
const tooSlow = new Set(['57014', '55P03']);
/** character_not_in_repertoire, untranslatable_character: U+0000, which PostgreSQL stores in no text and no JSON */
const notStorable = new Set(['22021', '22P05']);

/**
 * What an error of the database driver means to a client; null when it is no failure of the database.
 * Decided by SQLSTATE (class 08 is "connection exception") and errno, never by text.
 */
export function databaseFailure(error: unknown): BulkheadError | null {
  // this start of the node is over, and it is about to find that out: another node takes the request
  if (error instanceof IncarnationGone || error instanceof IdentityChanged) return new BulkheadError('NOT_SERVING', undefined, { cause: error });
  if (!(error instanceof Error) || !('code' in error)) return null;
  if (error instanceof BulkheadError) return null;
  const code = String(error.code);
  const fromServer = 'severity' in error;
  if (unserving.has(code) || /^08...$/.test(code)) return new BulkheadError('DATABASE_UNAVAILABLE', undefined, { cause: error });
  if (fromServer && tooSlow.has(code)) return new BulkheadError('OVERLOADED', 'The database took too long', { cause: error });
  if (fromServer && notStorable.has(code)) {
    return new BulkheadError('BODY_INVALID', 'The request holds a character that cannot be stored', { hint: 'Leave U+0000 out.', cause: error });
  }
  const fromSocket = 'syscall' in error && (error.syscall === 'connect' || error.syscall === 'getaddrinfo');
  if (fromSocket && unreachable.has(code)) return new BulkheadError('DATABASE_UNAVAILABLE', undefined, { cause: error });
  return null;
}
