import { randomUUID } from 'node:crypto';
import type { AlertEvent, ClusterAlert, WebhookMessage } from '../../contract/index.ts';
import type { NewDelivery } from '../../metadata/alerts/delivery-rows.ts';
import type { WebhookRow } from '../../metadata/alerts/webhook-rows.ts';

interface ClusterName { readonly id: string; readonly name: string }

/** The messages that tell every webhook that wants to know. */
export function messagesFor(webhooks: readonly WebhookRow[], event: AlertEvent, alert: ClusterAlert, cluster: ClusterName, at: Date): NewDelivery[] {
  return webhooks.filter((webhook) => wants(webhook, event, alert))
    .map((webhook) => messageTo(webhook.id, event, alert, cluster, at));
}

export function testMessage(webhookId: string, cluster: ClusterName, at: Date): NewDelivery {
  return messageTo(webhookId, 'test', null, cluster, at);
}

function wants({ enabled, events, rules, least_severity: least }: WebhookRow, event: AlertEvent, { rule, severity }: ClusterAlert): boolean {
  return enabled && events.includes(event) && (rules === null || rules.includes(rule)) && (least === 'warning' || severity === 'bad');
}

function messageTo(webhookId: string, event: WebhookMessage['event'], alert: ClusterAlert | null, { id: clusterId, name }: ClusterName, at: Date): NewDelivery {
  const id = randomUUID();
  const message: WebhookMessage = { apiVersion: 1, id, event, at: at.toISOString(), cluster: { id: clusterId, name }, alert };
  return { id, webhookId, alertId: alert?.id ?? null, event, message: alert?.message ?? 'A test message', body: JSON.stringify(message) };
}
