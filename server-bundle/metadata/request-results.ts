import type { Reader } from '../cluster/ports.ts';
import { auditRow, type NewAuditEntry } from './audit/audit-entries.ts';

/** What a request that was committed has answered; a replay of it gets the same. */
export interface RecordedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

export async function findRecordedAnswer(db: Reader, key: string): Promise<RecordedAnswer | undefined> {
  const row = await db.selectFrom('request_result').select(['status', 'headers', 'body']).where('id', '=', key).executeTakeFirst();
  return row === undefined ? undefined : { status: row.status, headers: row.headers as Record<string, string>, body: row.body };
}

/**
 * Records an answer with the change it belongs to. False when the key is taken: the change has been made by another node, and this
 * transaction must not commit. Waits while another transaction with this key is under way.
 * @param audit entry that goes with the change
 */
export async function recordAnswer(trx: Reader, key: string, incarnation: string, answer: RecordedAnswer, audit: NewAuditEntry | null = null): Promise<boolean> {
  // one statement: the log costs a change no further round trip
  const first = audit === null ? trx : trx.with('audited', (db) => db.insertInto('audit_entry').values(auditRow(audit)));
  const row = await first.insertInto('request_result')
    .values({ id: key, incarnation, status: answer.status, headers: JSON.stringify(answer.headers), body: answer.body })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id').executeTakeFirst();
  return row !== undefined;
}
