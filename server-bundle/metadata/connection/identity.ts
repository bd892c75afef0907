import type { ClientBase } from 'pg';
import { BulkheadError } from '../../contract/index.ts';

/** Which database this is, and which of its histories: together with the epoch the fencing token. */
export interface DatabaseIdentity {
  readonly systemIdentifier: string;
  readonly timeline: number;
}

export interface ExpectedSession {
  /** null before the first join of this process */
  readonly identity: DatabaseIdentity | null;
  /** incarnation that the session belongs to; null for a session of the process itself */
  readonly incarnation: string | null;
  /** what becomes of a session that a pooler hands out */
  readonly pooler: 'refused' | 'told';
}

/** SQLSTATE of a connection that was not let in: what a request learns of it is that there is no database for it now. */
const rejected = '08004';

/** The incarnation that a session was opened for is gone. */
export class IncarnationGone extends Error {
  override readonly name = 'IncarnationGone';
  readonly code = rejected;
}

/** The database is another one, or went to another timeline, since this incarnation joined. */
export class IdentityChanged extends Error {
  override readonly name = 'IdentityChanged';
  readonly code = rejected;
}

/** The timeline is taken from the write-ahead log's insert position: the control file's lags until the next checkpoint. */
export const identityColumns = `
  (select system_identifier::text from pg_control_system()) as "systemIdentifier",
  case when pg_is_in_recovery() then 0
    else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint end as "timeline"`;

/**
 * What a new connection must prove before it may be used: its session is its own, the server is no standby, it is the same database as
 * before, and the incarnation was not marked gone. The last is what keeps a thawed writer from committing.
 *
 * @throws IncarnationGone, IdentityChanged, DATABASE_UNAVAILABLE (standby), DATABASE_POOLED
 */
export async function checkSession(client: ClientBase, expected: ExpectedSession): Promise<void> {
  const gone = expected.incarnation === null
    ? 'false'
    : '(select count(*) = 0 from incarnation where id = $1 and gone_at is null)';
  const found = await client.query<DatabaseIdentity & { recovering: boolean; gone: boolean; pid: number }>(
    `select pg_backend_pid() as pid, pg_is_in_recovery() as recovering, ${gone} as gone, ${identityColumns}`,
    expected.incarnation === null ? [] : [expected.incarnation],
  );
  const row = found.rows[0];
  if (row === undefined || row.recovering) throw new BulkheadError('DATABASE_UNAVAILABLE', 'The database server is a standby');
  // PostgreSQL names its process when a connection is made; whatever stands in between makes a number up
  if (expected.pooler === 'refused' && row.pid !== processOf(client)) throw new BulkheadError('DATABASE_POOLED');
  const { identity } = expected;
  if (identity !== null && (row.systemIdentifier !== identity.systemIdentifier || row.timeline !== identity.timeline)) {
    throw new IdentityChanged(
      `the database is ${row.systemIdentifier} on timeline ${String(row.timeline)}, it was ${identity.systemIdentifier} on timeline ${String(identity.timeline)}`,
    );
  }
  if (row.gone) throw new IncarnationGone('the incarnation was marked gone');
}

/** Process of the server, as it was named when the connection was made. */
export function processOf(client: object): number {
  return 'processID' in client && typeof client.processID === 'number' ? client.processID : 0;
}
