import { sql, type Selectable } from 'kysely';
import type { Reader } from '../../cluster/ports.ts';
import type { WebhookDelivery } from '../../contract/index.ts';
import type { WebhookDeliveryTable } from './tables.ts';
import type { WebhookRow } from './webhook-rows.ts';

export type DeliveryRow = Selectable<WebhookDeliveryTable>;

/** Waiting deliveries of one webhook beyond which the oldest are given up: its receiver has been away for very long. */
const mostWaiting = 1000;
const giveUpAfter = '24 hours';

export interface NewDelivery {
  readonly id: string;
  readonly webhookId: string;
  readonly alertId: string | null;
  readonly event: WebhookDelivery['event'];
  readonly message: string;
  readonly body: string;
}

export function deliveryOf(row: DeliveryRow): WebhookDelivery {
  return {
    id: row.id, webhookId: row.webhook_id, event: row.event as WebhookDelivery['event'], alertId: row.alert_id, message: row.message, state: row.state,
    attempts: row.attempts, createdAt: row.created_at.toISOString(), nextAt: row.state === 'waiting' ? row.next_at.toISOString() : null,
    endedAt: row.ended_at?.toISOString() ?? null, status: row.status, failure: row.failure,
  };
}

/** Puts messages in line. Inside the transaction that they tell of: what was committed will be told. */
export async function enqueue(trx: Reader, deliveries: readonly NewDelivery[]): Promise<void> {
  for (const { id, webhookId, alertId, event, message, body } of deliveries) {
    await trx.insertInto('webhook_delivery')
      .values({ id, webhook_id: webhookId, alert_id: alertId, event, message, body, give_up_at: sql<Date>`clock_timestamp() + ${giveUpAfter}::interval` }).execute();
  }
}

/** One attempt that is about to be made. */
export interface Claim extends DeliveryRow {
  readonly webhook: WebhookRow;
}

/**
 * Takes up to `limit` deliveries that are due, one of a webhook at a time, and what is told of one alert in its order. Until `holdMs` are
 * over nobody else takes them, whoever is the master then: after a crash they are sent again, under the same id.
 */
export async function claimDeliveries(trx: Reader, epoch: number, busy: readonly string[], limit: number, holdMs: number): Promise<Claim[]> {
  const found = await sql<DeliveryRow>`
    update webhook_delivery set attempts = attempts + 1, claimed_epoch = ${epoch}, next_at = clock_timestamp() + make_interval(secs => ${holdMs / 1000})
    where id in (
      select distinct on (d.webhook_id) d.id from webhook_delivery d join webhook w on w.id = d.webhook_id and w.enabled
      where d.state = 'waiting' and d.next_at <= clock_timestamp() and d.webhook_id <> all (${[...busy]}::uuid[])
        and not exists (select from webhook_delivery held where held.webhook_id = d.webhook_id and held.state = 'waiting' and held.claimed_epoch is not null
          and held.next_at > clock_timestamp())
        and not exists (select from webhook_delivery earlier where earlier.webhook_id = d.webhook_id and earlier.alert_id = d.alert_id
          and earlier.number < d.number and earlier.state = 'waiting')
      order by d.webhook_id, d.number limit ${limit})
    returning *`.execute(trx);
  if (found.rows.length === 0) return [];
  const webhooks = await trx.selectFrom('webhook').selectAll().where('id', 'in', found.rows.map((row) => row.webhook_id)).execute();
  return found.rows.flatMap((row) => {
    const webhook = webhooks.find(({ id }) => id === row.webhook_id);
    return webhook === undefined ? [] : [{ ...row, webhook }];
  });
}

export type Outcome =
  | { readonly kind: 'delivered'; readonly status: number }
  /** `retryMs` null: never again */
  | { readonly kind: 'failed'; readonly status: number | null; readonly failure: string; readonly retryMs: number | null };

/** How an attempt ended, if it is still the present one. */
export async function recordOutcome(trx: Reader, claim: Pick<DeliveryRow, 'id' | 'attempts'>, outcome: Outcome): Promise<void> {
  const now = sql<Date>`clock_timestamp()`;
  const attempt = trx.updateTable('webhook_delivery').where('id', '=', claim.id).where('state', '=', 'waiting').where('attempts', '=', claim.attempts);
  if (outcome.kind === 'delivered') {
    await attempt.set({ state: 'delivered', ended_at: now, status: outcome.status, failure: null, claimed_epoch: null }).execute();
    return;
  }
  const { status, failure, retryMs } = outcome;
  const dead = sql<boolean>`(${retryMs}::float8 is null or give_up_at <= clock_timestamp() + make_interval(secs => coalesce(${retryMs}::float8, 0) / 1000))`;
  await attempt.set({
    state: sql`case when ${dead} then 'dead' else 'waiting' end`, ended_at: sql`case when ${dead} then clock_timestamp() end`, status, failure, claimed_epoch: null,
    next_at: sql<Date>`clock_timestamp() + make_interval(secs => coalesce(${retryMs}::float8, 0) / 1000)`,
  }).execute();
}

/** Gives up what has waited for too long, or is too much. */
export async function giveUpDeliveries(trx: Reader): Promise<void> {
  await sql`update webhook_delivery set state = 'dead', ended_at = clock_timestamp(), failure = coalesce(failure, 'not delivered in time')
    where state = 'waiting' and claimed_epoch is null and (give_up_at < clock_timestamp() or id in (
      select id from (select id, row_number() over (partition by webhook_id order by number desc) as place from webhook_delivery where state = 'waiting') waiting
      where place > ${mostWaiting}))`.execute(trx);
}

/** Forgets what was delivered a week ago, and what was given up a month ago. */
export async function pruneDeliveries(trx: Reader): Promise<void> {
  await sql`delete from webhook_delivery where (state = 'delivered' and ended_at < clock_timestamp() - interval '7 days')
    or (state = 'dead' and ended_at < clock_timestamp() - interval '30 days')`.execute(trx);
}

/** Newest first. */
export async function listDeliveries(
  db: Reader, { webhookId, state, limit }: { readonly webhookId?: string | undefined; readonly state?: WebhookDelivery['state'] | undefined; readonly limit: number },
): Promise<WebhookDelivery[]> {
  const rows = await db.selectFrom('webhook_delivery').selectAll()
    .$if(webhookId !== undefined, (query) => query.where('webhook_id', '=', webhookId ?? ''))
    .$if(state !== undefined, (query) => query.where('state', '=', state ?? 'waiting'))
    .orderBy('number', 'desc').limit(limit).execute();
  return rows.map(deliveryOf);
}

/** A delivery that was given up waits again, under its id. Undefined when it is not there, or was not given up. */
export async function redeliver(trx: Reader, id: string): Promise<WebhookDelivery | undefined> {
  const row = await trx.updateTable('webhook_delivery')
    .set({ state: 'waiting', next_at: sql<Date>`clock_timestamp()`, give_up_at: sql<Date>`clock_timestamp() + ${giveUpAfter}::interval`, ended_at: null, failure: null, status: null, claimed_epoch: null })
    .where('id', '=', id).where('state', '=', 'dead').returningAll().executeTakeFirst();
  return row === undefined ? undefined : deliveryOf(row);
}

export async function findDelivery(db: Reader, id: string): Promise<WebhookDelivery | undefined> {
  const row = await db.selectFrom('webhook_delivery').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : deliveryOf(row);
}

/** Whether anything is due now; a plain read, so that looking costs next to nothing. */
export async function hasDueDeliveries(db: Reader): Promise<boolean> {
  const row = await db.selectFrom('webhook_delivery as d').innerJoin('webhook as w', 'w.id', 'd.webhook_id').select('d.id')
    .where('d.state', '=', 'waiting').where('d.next_at', '<=', sql<Date>`clock_timestamp()`).where('w.enabled', '=', true).limit(1).executeTakeFirst();
  return row !== undefined;
}
