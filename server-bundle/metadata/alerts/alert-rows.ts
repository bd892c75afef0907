import { sql, type Selectable } from 'kysely';
import type { Reader } from '../../cluster/ports.ts';
import type { AlertMute, AlertSeverity, ClusterAlert } from '../../contract/index.ts';
import type { AlertTable } from './tables.ts';
import { mutedUntil } from './mute-rows.ts';

export type AlertRow = Selectable<AlertTable>;

/** An alert as it is told. The row must have been raised. */
export function alertOf(row: AlertRow, mutes: readonly AlertMute[]): ClusterAlert {
  const { id, rule, title, severity, subject, node_id: nodeId, message, value, threshold } = row;
  return {
    id, rule, title, severity, subject, nodeId, message, value, threshold,
    since: row.since.toISOString(),
    raisedAt: (row.raised_at ?? row.since).toISOString(),
    clearedAt: row.cleared_at?.toISOString() ?? null,
    acknowledged: row.acknowledged_at === null ? null : { by: row.acknowledged_by ?? '', at: row.acknowledged_at.toISOString(), note: row.acknowledgement ?? '' },
    mutedUntil: row.cleared_at === null ? mutedUntil(mutes, { rule, subject, nodeId }) : null,
  };
}

/** Pending and open ones. */
export function presentAlerts(db: Reader): Promise<AlertRow[]> {
  return db.selectFrom('alert').selectAll().where('cleared_at', 'is', null).execute();
}

/** Open ones, the newest first. */
export function openAlertRows(db: Reader): Promise<AlertRow[]> {
  return db.selectFrom('alert').selectAll().where('cleared_at', 'is', null).where('raised_at', 'is not', null).orderBy('raised_at', 'desc').orderBy('id').execute();
}

export interface HistoryQuery {
  readonly before: Date | null;
  readonly limit: number;
  readonly rule?: string | undefined;
  readonly subject?: string | undefined;
  readonly severity?: AlertSeverity | undefined;
}

/**
 * Raised ones, open and cleared, the newest first. What was raised at one time stays together, so that nothing falls between two pages: there may
 * be more than `limit`.
 */
export async function raisedAlerts(db: Reader, { before, limit, rule, subject, severity }: HistoryQuery): Promise<AlertRow[]> {
  const rows = await db.selectFrom('alert').selectAll().where('raised_at', 'is not', null)
    .$if(before !== null, (query) => query.where('raised_at', '<', before))
    .$if(rule !== undefined, (query) => query.where('rule', '=', rule ?? ''))
    .$if(subject !== undefined, (query) => query.where('subject', '=', subject ?? ''))
    .$if(severity !== undefined, (query) => query.where('severity', '=', severity ?? 'bad'))
    .orderBy('raised_at', 'desc').fetch(limit, 'with ties').execute();
  return rows.sort((one, other) => (other.raised_at?.getTime() ?? 0) - (one.raised_at?.getTime() ?? 0) || (one.id < other.id ? -1 : 1));
}

export function findAlert(db: Reader, id: string): Promise<AlertRow | undefined> {
  return db.selectFrom('alert').selectAll().where('id', '=', id).where('raised_at', 'is not', null).executeTakeFirst();
}

export type NewAlertRow = Pick<AlertRow, 'id' | 'rule' | 'subject' | 'node_id' | 'severity' | 'title' | 'message' | 'value' | 'threshold' | 'since' | 'raised_at'>;

export async function insertAlert(trx: Reader, row: NewAlertRow): Promise<void> {
  await trx.insertInto('alert').values(row).execute();
}

export async function updateAlert(
  trx: Reader, id: string, change: Partial<Pick<AlertRow, 'since' | 'raised_at' | 'gone_since' | 'cleared_at' | 'message' | 'value' | 'threshold' | 'severity' | 'told_at'>>,
): Promise<void> {
  await trx.updateTable('alert').set(change).where('id', '=', id).execute();
}

/** Was pending, and is no more. */
export async function dropAlert(trx: Reader, id: string): Promise<void> {
  await trx.deleteFrom('alert').where('id', '=', id).where('raised_at', 'is', null).execute();
}

/** Undefined when the alert is not open. The latest word counts. */
export function acknowledge(trx: Reader, id: string, by: string, note: string): Promise<AlertRow | undefined> {
  return trx.updateTable('alert')
    .set({ acknowledged_by: by, acknowledged_at: sql<Date>`clock_timestamp()`, acknowledgement: note })
    .where('id', '=', id).where('raised_at', 'is not', null).where('cleared_at', 'is', null)
    .returningAll().executeTakeFirst();
}

export async function recordEvaluation(trx: Reader, at: Date, epoch: number): Promise<void> {
  await trx.insertInto('alert_evaluation').values({ evaluated_at: at, epoch })
    .onConflict((conflict) => conflict.column('singleton').doUpdateSet({ evaluated_at: at, epoch })).execute();
}

export async function evaluatedAt(db: Reader): Promise<Date | null> {
  return (await db.selectFrom('alert_evaluation').select('evaluated_at').executeTakeFirst())?.evaluated_at ?? null;
}

/** Forgets alerts that were cleared long ago, and all but the newest `keep` of the cleared ones. */
export async function pruneAlerts(trx: Reader, days: number, keep: number): Promise<void> {
  await sql`delete from alert where cleared_at < clock_timestamp() - make_interval(days => ${days})
    or id in (select id from alert where cleared_at is not null order by raised_at desc offset ${keep})`.execute(trx);
}

/** The database's clock. */
export async function databaseNow(db: Reader): Promise<Date> {
  const found = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db);
  return found.rows[0]?.now ?? new Date();
}
