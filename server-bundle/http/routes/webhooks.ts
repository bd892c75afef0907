import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { definitionOf } from '../../alerts/index.ts';
import { requireAddress, webhookAddresses } from '../../alerts/webhooks/address-rules.ts';
import { testMessage } from '../../alerts/webhooks/messages.ts';
import { seal, unseal } from '../../alerts/webhooks/sealed-secret.ts';
import { send, type SendOutcome } from '../../alerts/webhooks/send.ts';
import { WebhookConnections } from '../../alerts/webhooks/webhook-connections.ts';
import type { Session } from '../../cluster/ports.ts';
import {
  BulkheadError, deliveryState, webhookChange, type Webhook, type WebhookDelivery, type WebhookTest,
} from '../../contract/index.ts';
import { databaseNow } from '../../metadata/alerts/alert-rows.ts';
import { findDelivery, listDeliveries, redeliver } from '../../metadata/alerts/delivery-rows.ts';
import { countWebhooks, deleteWebhook, findWebhook, isNameTaken, listWebhooks, mostWebhooks, putWebhook } from '../../metadata/alerts/webhook-rows.ts';
import { clusterIdentity } from '../../metadata/cluster-identity.ts';
import { committed } from '../../metadata/committed.ts';
import { requireAdmin } from '../../security/authorize.ts';
import type { ClusterKeys } from '../../security/rotating-secrets.ts';
import type { RouteModule } from '../route-module.ts';
import { validated } from '../validated.ts';
import { alertsBase } from './alerts.ts';

const base = `${alertsBase}/webhooks`;
const always = { config: { always: true } } as const;
const deliveryQuery = z.strictObject({ webhookId: z.uuid().optional(), state: deliveryState.optional(), limit: z.coerce.number().int().min(1).max(500).default(100) });
const inPath = z.object({ id: z.uuid() });

/** Where the master sends alerts. Secrets come in and never go out. Administrators only; no balancer passes them on. */
export function webhookRoutes(clusterKeys: Pick<ClusterKeys, 'accepted' | 'current'>): RouteModule {
  return (app, { runtime, config }) => {
    const isGood = webhookAddresses(config.alerts.allowAddresses);

    app.get(base, always, async (request): Promise<{ apiVersion: 1; asOf: string; webhooks: Webhook[] }> => {
      requireAdmin(request.principal);
      const { db } = runtime.session();
      return { apiVersion: 1, asOf: (await databaseNow(db)).toISOString(), webhooks: await listWebhooks(db) };
    });

    app.post(base, always, async (request, reply): Promise<Webhook> => {
      requireAdmin(request.principal);
      const made = await put(randomUUID(), request.body, request.principal.name, true);
      void reply.code(201);
      return made;
    });

    app.put(`${base}/:id`, always, async (request): Promise<Webhook> => {
      requireAdmin(request.principal);
      return put(idOf(request.params, 'WEBHOOK_NOT_FOUND'), request.body, request.principal.name, false);
    });

    app.delete(`${base}/:id`, always, async (request, reply) => {
      requireAdmin(request.principal);
      const id = idOf(request.params, 'WEBHOOK_NOT_FOUND');
      const session = runtime.session();
      await committed(session, async (trx) => {
        const removed = await deleteWebhook(trx, id);
        if (removed === undefined) throw new BulkheadError('WEBHOOK_NOT_FOUND');
        await tell(session, request.principal.name, 'removed', removed.name, id, trx);
      });
      return reply.code(204).send();
    });

    app.post(`${base}/:id/test`, always, async (request): Promise<WebhookTest> => {
      requireAdmin(request.principal);
      const session = runtime.session();
      const webhook = await findWebhook(session.db, idOf(request.params, 'WEBHOOK_NOT_FOUND'));
      const cluster = await clusterIdentity(session.db);
      if (webhook === undefined || cluster === null) throw new BulkheadError('WEBHOOK_NOT_FOUND');
      const { id: deliveryId, event, body } = testMessage(webhook.id, cluster, await databaseNow(session.db));
      const secret = webhook.secret === null ? null : unseal(clusterKeys.accepted, webhook.id, webhook.secret);
      const begun = performance.now();
      const unreadable: SendOutcome = { ok: false, status: null, failure: 'its secret cannot be read with the present cluster key: set it anew', final: true };
      const connections = new WebhookConnections(isGood);
      const outcome = webhook.secret !== null && secret === null ? unreadable : await send({ deliveryId, event, body, url: webhook.url, secret }, connections, isGood, session.signal);
      await connections.destroy();
      return { deliveryId, delivered: outcome.ok, status: outcome.status, milliseconds: Math.round(performance.now() - begun), failure: outcome.ok ? null : outcome.failure };
    });

    app.get(`${alertsBase}/deliveries`, always, async (request): Promise<{ apiVersion: 1; asOf: string; deliveries: WebhookDelivery[] }> => {
      requireAdmin(request.principal);
      const query = validated(deliveryQuery, request.query, 'PARAMETER_INVALID');
      const { db } = runtime.session();
      return { apiVersion: 1, asOf: (await databaseNow(db)).toISOString(), deliveries: await listDeliveries(db, query) };
    });

    app.post(`${alertsBase}/deliveries/:id/redeliver`, always, async (request): Promise<WebhookDelivery> => {
      requireAdmin(request.principal);
      const id = idOf(request.params, 'DELIVERY_NOT_FOUND');
      const session = runtime.session();
      return committed(session, async (trx) => {
        // one that waits or was delivered stays as it is: asking twice does no harm
        const delivery = await redeliver(trx, id) ?? await findDelivery(trx, id);
        if (delivery === undefined) throw new BulkheadError('DELIVERY_NOT_FOUND');
        return delivery;
      });
    });

    async function put(id: string, body: unknown, by: string, isNew: boolean): Promise<Webhook> {
      const { secret, ...change } = validated(webhookChange, body);
      requireAddress(change.url, isGood);
      const unknown = change.rules?.find((rule) => definitionOf(rule) === undefined);
      if (unknown !== undefined) throw new BulkheadError('ALERT_RULE_NOT_FOUND', `There is no alert rule "${unknown}"`);
      const session = runtime.session();
      return committed(session, async (trx) => {
        const before = await findWebhook(trx, id);
        if (!isNew && before === undefined) throw new BulkheadError('WEBHOOK_NOT_FOUND');
        if (await isNameTaken(trx, change.name, id)) throw invalid('name', `another webhook is called "${change.name}"`);
        if (isNew && await countWebhooks(trx) >= mostWebhooks) throw invalid('', `a cluster has ${String(mostWebhooks)} webhooks at most`);
        // a secret that was meant for one receiver is not sent to another one by changing the address alone
        if (before !== undefined && before.secret !== null && secret === undefined && originOf(before.url) !== originOf(change.url)) {
          throw invalid('secret', 'give the secret again, or null, when the address goes to another host');
        }
        await putWebhook(trx, id, change, typeof secret === 'string' ? seal(clusterKeys.current, id, secret) : secret);
        await tell(session, by, isNew ? 'added' : 'changed', change.name, id, trx);
        const [made] = await listWebhooks(trx, id);
        if (made === undefined) throw new BulkheadError('WEBHOOK_NOT_FOUND');
        return made;
      });
    }
  };
}

/** An event never holds the address: it may be a secret by itself. */
async function tell(session: Session, by: string, what: string, name: string, webhookId: string, trx: Parameters<Session['events']['publish']>[1]): Promise<void> {
  await session.events.publish({ type: 'webhook.changed', message: `${by} ${what} the webhook "${name}"`, detail: { webhookId, name, what, by } }, trx);
}

function originOf(url: string): string {
  return new URL(url).origin;
}

function invalid(field: string, message: string): BulkheadError {
  return new BulkheadError('BODY_INVALID', field === '' ? message : `${field}: ${message}`, { details: [{ field, message }] });
}

function idOf(parameters: unknown, code: 'WEBHOOK_NOT_FOUND' | 'DELIVERY_NOT_FOUND'): string {
  const parsed = inPath.safeParse(parameters);
  if (!parsed.success) throw new BulkheadError(code);
  return parsed.data.id;
}
