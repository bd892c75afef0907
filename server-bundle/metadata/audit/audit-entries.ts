import { sql } from 'kysely';
import type { Reader } from '../../cluster/ports.ts';
import type { AuditEntry } from '../../contract/index.ts';

/** An entry before the database gives it its number and its time. */
export type NewAuditEntry = Omit<AuditEntry, 'id' | 'at'>;

/** Columns are cut to what an entry is for; a request cannot make the log grow by long names. */
const longest = 1024;
/** The database takes no NUL, and names that somebody tried to log in with hold anything: one such entry must not keep all others out of the log. */
const cut = (text: string): string => text.slice(0, longest).replaceAll('\0', '\ufffd');

export function auditRow(entry: NewAuditEntry): Record<'user_name' | 'via' | 'address' | 'action' | 'operation' | 'result' | 'request_id' | 'node_id', string> & {
  repository: string | null; path: string | null; status: number;
} {
  return {
    user_name: cut(entry.user), via: entry.via, address: cut(entry.address), action: entry.action, operation: cut(entry.operation), result: entry.result, request_id: entry.requestId,
    node_id: entry.nodeId, repository: entry.repository === null ? null : cut(entry.repository), path: entry.path === null ? null : cut(entry.path), status: entry.status,
  };
}

export async function insertAuditEntries(db: Reader, entries: readonly NewAuditEntry[]): Promise<void> {
  if (entries.length > 0) await db.insertInto('audit_entry').values(entries.map(auditRow)).execute();
}

export interface AuditFilter {
  readonly user?: string | undefined;
  readonly action?: string | undefined;
  readonly repository?: string | undefined;
  /** a code, `OK`, or `refused` for everything that was not allowed */
  readonly result?: string | undefined;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  /** only entries below this number */
  readonly before?: number | undefined;
}

/** Codes of answers to somebody who was not allowed to. */
export const refusals = ['AUTHENTICATION_REQUIRED', 'CREDENTIALS_INVALID', 'USER_LOCKED', 'FORBIDDEN'] as const;

/** Newest first. */
export async function findAuditEntries(db: Reader, filter: AuditFilter, limit: number): Promise<AuditEntry[]> {
  let query = db.selectFrom('audit_entry').selectAll().orderBy('id', 'desc').limit(limit);
  if (filter.user !== undefined) query = query.where('user_name', '=', filter.user);
  if (filter.action !== undefined) query = query.where('action', '=', filter.action);
  if (filter.repository !== undefined) query = query.where('repository', '=', filter.repository);
  if (filter.result === 'refused') query = query.where('result', 'in', refusals);
  else if (filter.result !== undefined) query = query.where('result', '=', filter.result);
  if (filter.since !== undefined) query = query.where('at', '>=', filter.since);
  if (filter.until !== undefined) query = query.where('at', '<', filter.until);
  if (filter.before !== undefined) query = query.where('id', '<', filter.before);
  return (await query.execute()).map((row) => ({
    id: row.id, at: row.at.toISOString(), user: row.user_name, via: row.via, address: row.address, action: row.action, operation: row.operation,
    repository: row.repository, path: row.path, status: row.status, result: row.result, requestId: row.request_id, nodeId: row.node_id,
  }));
}

/** For housekeeping: at most `limit` entries that are older than `days`. */
export async function pruneAuditEntries(db: Reader, days: number, limit: number): Promise<number> {
  const gone = await sql`delete from audit_entry where id in (
    select id from audit_entry where at < clock_timestamp() - make_interval(days => ${days}::integer) order by id limit ${limit})`.execute(db);
  return Number(gone.numAffectedRows ?? 0n);
}
