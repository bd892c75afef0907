import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';

/** A path that one node fetches from upstream for all of them. */
export interface UpstreamClaim {
  readonly repositoryId: number;
  readonly path: string;
  readonly incarnation: string;
  /** of this fetch alone */
  readonly token: string;
}

/** A claim whose holder has not renewed it for this long is anybody's. Seconds. */
const stalledSeconds = 12;

/**
 * Takes the claim when nobody has it, or when its holder is gone or has stalled. Two holders at once do no harm (both
 * would store what upstream sent); they only ask twice.
 */
export async function claimFetch(db: Reader, { repositoryId, path, incarnation, token }: UpstreamClaim): Promise<boolean> {
  const { rows } = await sql<{ token: string }>`
    insert into upstream_claim as held (repository_id, path, incarnation, token) values (${repositoryId}, ${path}, ${incarnation}, ${token})
    on conflict (repository_id, path) do update
      set incarnation = excluded.incarnation, token = excluded.token, started_at = clock_timestamp(), renewed_at = clock_timestamp()
      where held.renewed_at < clock_timestamp() - make_interval(secs => ${stalledSeconds})
        or not exists (select 1 from incarnation where id = held.incarnation and gone_at is null)
    returning token`.execute(db);
  return rows.length === 1;
}

/** Says that the fetch goes on; false when somebody else has taken it over. */
export async function renewClaim(db: Reader, { repositoryId, path, token }: UpstreamClaim): Promise<boolean> {
  const result = await db.updateTable('upstream_claim').set({ renewed_at: sql`clock_timestamp()` })
    .where('repository_id', '=', repositoryId).where('path', '=', path).where('token', '=', token).executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

export async function dropClaim(db: Reader, { repositoryId, path, token }: UpstreamClaim): Promise<void> {
  await db.deleteFrom('upstream_claim').where('repository_id', '=', repositoryId).where('path', '=', path).where('token', '=', token).execute();
}

/** Deletes claims that nobody renews any more; the number. */
export async function pruneClaims(trx: Reader): Promise<number> {
  const result = await trx.deleteFrom('upstream_claim').where('renewed_at', '<', sql<Date>`clock_timestamp() - interval '1 hour'`).executeTakeFirst();
  return Number(result.numDeletedRows);
}
