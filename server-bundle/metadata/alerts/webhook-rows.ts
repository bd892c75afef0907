import { sql, type Selectable } from 'kysely';
import type { Reader } from '../../cluster/ports.ts';
import { alertEvent, type Webhook, type WebhookChange } from '../../contract/index.ts';
import type { WebhookTable } from './tables.ts';

export type WebhookRow = Selectable<WebhookTable>;

/** Most webhooks of a cluster. */
export const mostWebhooks = 50;

interface DeliveryFigures {
  readonly delivered_at: Date | null;
  readonly waiting: number;
  readonly dead: number;
  readonly failure: string | null;
}

function view(row: WebhookRow & DeliveryFigures): Webhook {
  return {
    id: row.id, name: row.name, url: row.url, enabled: row.enabled, rules: row.rules, leastSeverity: row.least_severity,
    events: row.events.flatMap((event) => alertEvent.safeParse(event).data ?? []), hasSecret: row.secret !== null,
    createdAt: row.created_at.toISOString(), deliveredAt: row.delivered_at?.toISOString() ?? null, waiting: row.waiting, dead: row.dead, failure: row.failure,
  };
}

/** By name, with how their deliveries go. Never their secrets. */
export async function listWebhooks(db: Reader, id: string | null = null): Promise<Webhook[]> {
  const found = await sql<WebhookRow & DeliveryFigures>`
    select w.*, d.*, (select l.failure from webhook_delivery l where l.webhook_id = w.id and l.attempts > 0 order by coalesce(l.ended_at, l.next_at) desc, l.number desc limit 1) as failure
    from webhook w left join lateral (
      select max(ended_at) filter (where state = 'delivered') as delivered_at, (count(*) filter (where state = 'waiting'))::int as waiting,
        (count(*) filter (where state = 'dead'))::int as dead
      from webhook_delivery where webhook_id = w.id) d on true
    where ${id}::uuid is null or w.id = ${id}::uuid
    order by w.name`.execute(db);
  return found.rows.map(view);
}

export function webhookRows(db: Reader): Promise<WebhookRow[]> {
  return db.selectFrom('webhook').selectAll().execute();
}

export function findWebhook(db: Reader, id: string): Promise<WebhookRow | undefined> {
  return db.selectFrom('webhook').selectAll().where('id', '=', id).executeTakeFirst();
}

export interface SealedSecret {
  readonly text: string;
  readonly keyId: string;
}

/** @param secret undefined keeps the present one, null takes it away */
export async function putWebhook(trx: Reader, id: string, change: Omit<WebhookChange, 'secret'>, secret: SealedSecret | null | undefined): Promise<void> {
  const columns = {
    name: change.name, url: change.url, enabled: change.enabled, events: change.events, rules: change.rules, least_severity: change.leastSeverity,
    ...(secret === undefined ? {} : { secret: secret?.text ?? null, secret_key_id: secret?.keyId ?? null }),
  };
  await trx.insertInto('webhook').values({ id, ...columns })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ ...columns, updated_at: sql`clock_timestamp()` })).execute();
}

/** Undefined when there was none. Its deliveries go with it. */
export async function deleteWebhook(trx: Reader, id: string): Promise<WebhookRow | undefined> {
  return trx.deleteFrom('webhook').where('id', '=', id).returningAll().executeTakeFirst();
}

/** Secrets that are sealed with another key than the present one. */
export function sealedOtherwise(db: Reader, keyId: string): Promise<WebhookRow[]> {
  return db.selectFrom('webhook').selectAll().where('secret', 'is not', null).where('secret_key_id', '!=', keyId).execute();
}

/** Only if nobody has changed it meanwhile. */
export async function resealSecret(trx: Reader, id: string, before: string, secret: SealedSecret): Promise<void> {
  await trx.updateTable('webhook').set({ secret: secret.text, secret_key_id: secret.keyId }).where('id', '=', id).where('secret', '=', before).execute();
}

/** Whether another webhook has this name. */
export async function isNameTaken(db: Reader, name: string, id: string): Promise<boolean> {
  return (await db.selectFrom('webhook').select('id').where('name', '=', name).where('id', '!=', id).executeTakeFirst()) !== undefined;
}

export async function countWebhooks(db: Reader): Promise<number> {
  return (await db.selectFrom('webhook').select(({ fn }) => fn.countAll<number>().as('count')).executeTakeFirst())?.count ?? 0;
}
