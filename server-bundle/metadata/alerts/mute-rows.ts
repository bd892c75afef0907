import { sql, type Selectable } from 'kysely';
import type { Reader } from '../../cluster/ports.ts';
import type { AlertMute, NewAlertMute } from '../../contract/index.ts';
import type { AlertMuteTable } from './tables.ts';

function view(row: Selectable<AlertMuteTable>): AlertMute {
  return {
    id: row.id, rule: row.rule, subject: row.subject, until: row.until.toISOString(), reason: row.reason, by: row.created_by,
    createdAt: row.created_at.toISOString(),
  };
}

/** Mutes that hold now, by the database's clock; the one that ends first comes first. */
export async function presentMutes(db: Reader): Promise<AlertMute[]> {
  const rows = await db.selectFrom('alert_mute').selectAll().where('until', '>', sql<Date>`clock_timestamp()`).orderBy('until').execute();
  return rows.map(view);
}

export async function insertMute(db: Reader, id: string, { rule, subject, seconds, reason }: NewAlertMute, by: string): Promise<AlertMute> {
  const row = await db.insertInto('alert_mute')
    .values({ id, rule, subject, until: sql<Date>`clock_timestamp() + make_interval(secs => ${seconds})`, reason, created_by: by })
    .returningAll().executeTakeFirstOrThrow();
  return view(row);
}

/** Undefined when it is not there, or has ended. */
export async function deleteMute(db: Reader, id: string): Promise<AlertMute | undefined> {
  const row = await db.deleteFrom('alert_mute').where('id', '=', id).where('until', '>', sql<Date>`clock_timestamp()`).returningAll().executeTakeFirst();
  return row === undefined ? undefined : view(row);
}

export async function pruneMutes(db: Reader): Promise<void> {
  await db.deleteFrom('alert_mute').where('until', '<', sql<Date>`clock_timestamp() - interval '1 day'`).execute();
}

/** Until when something about this rule and subject is told to nobody; null when it is told. */
export function mutedUntil(mutes: readonly AlertMute[], alert: { readonly rule: string; readonly subject: string; readonly nodeId: string | null }): string | null {
  const fitting = mutes.filter(({ rule, subject }) =>
    (rule === null || rule === alert.rule) && (subject === null || subject === alert.subject || subject === alert.nodeId));
  return fitting.map(({ until }) => until).sort().at(-1) ?? null;
}
