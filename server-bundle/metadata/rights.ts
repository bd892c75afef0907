import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import { appendEvent } from './events.ts';

/** Records the caching right of a live incarnation; returns its new number, or null when the incarnation is gone. */
export async function recordRight(db: Reader, incarnation: string): Promise<number | null> {
  const found = await sql<{ number: number }>`
    update incarnation set caching = true, right_number = right_number + 1
    where id = ${incarnation} and gone_at is null returning right_number as number`.execute(db);
  return found.rows[0]?.number ?? null;
}

/** The holder gives the right number `right` up; one that it has won since stays. */
export async function dropRight(db: Reader, incarnation: string, right: number): Promise<void> {
  await sql`update incarnation set caching = false where id = ${incarnation} and right_number = ${right} and caching`.execute(db);
}

/**
 * Takes the right number `right` from a member. Afterwards no heartbeat confirms it any more, whether this call, an earlier one,
 * the member itself or its end took it: in every case the caller has to let a full window pass.
 *
 * @param message why, in a sentence for people
 */
export async function revokeRight(
  db: Reader, member: { readonly incarnation: string; readonly nodeId: string }, right: number,
  message = `${member.nodeId} did not acknowledge in time and answers from the database for now`,
): Promise<void> {
  const found = await sql<{ id: string }>`
    update incarnation set caching = false
    where id = ${member.incarnation} and right_number = ${right} and caching returning id`.execute(db);
  if (found.rows.length === 0) return;
  await appendEvent(db, {
    type: 'right.revoked', nodeId: member.nodeId, message,
    detail: { incarnation: member.incarnation, right },
  });
}
