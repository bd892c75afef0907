import {
  alertHistory, alertMute, alertMutes, alertRule, alertRules, clusterAlert, openAlerts, webhook, webhookDeliveries, webhookDelivery, webhooks, webhookTest,
  type AlertHistory, type AlertMute, type AlertRule, type AlertRuleChange, type ClusterAlert, type NewAlertMute, type OpenAlerts, type Webhook,
  type WebhookChange, type WebhookDelivery, type WebhookTest,
} from '../../../server-bundle/contract/index.ts';
import type { NodeConnection, NodeRequest } from './node-connection.ts';

const base = '/api/v1/cluster/alerts';
/** Longer than a node waits for the receiver of a test message. */
const testTimeoutMs = 20_000;

type Query = Readonly<Record<string, string | number | undefined>>;

/** The alerts of a cluster, as one of its nodes answers for all of them. */
export class AlertsApi {
  readonly #connection: NodeConnection;

  constructor(connection: NodeConnection) {
    this.#connection = connection;
  }

  async open(signal?: AbortSignal): Promise<OpenAlerts> {
    return openAlerts.parse(await this.#ask('', { signal }));
  }

  async history(query: Query, signal?: AbortSignal): Promise<AlertHistory> {
    return alertHistory.parse(await this.#ask(`/history${search(query)}`, { signal }));
  }

  async acknowledge(alertId: string, note: string, signal?: AbortSignal): Promise<ClusterAlert> {
    return clusterAlert.parse(await this.#ask(`/${encodeURIComponent(alertId)}/acknowledge`, { method: 'POST', body: { note }, signal }));
  }

  async mutes(signal?: AbortSignal): Promise<AlertMute[]> {
    return alertMutes.parse(await this.#ask('/mutes', { signal })).mutes;
  }

  async mute(mute: NewAlertMute, signal?: AbortSignal): Promise<AlertMute> {
    return alertMute.parse(await this.#ask('/mutes', { method: 'POST', body: mute, signal }));
  }

  async unmute(muteId: string, signal?: AbortSignal): Promise<void> {
    await this.#ask(`/mutes/${encodeURIComponent(muteId)}`, { method: 'DELETE', signal });
  }

  async rules(signal?: AbortSignal): Promise<AlertRule[]> {
    return alertRules.parse(await this.#ask('/rules', { signal })).rules;
  }

  async setRule(rule: string, change: AlertRuleChange, signal?: AbortSignal): Promise<AlertRule> {
    return alertRule.parse(await this.#ask(`/rules/${encodeURIComponent(rule)}`, { method: 'PUT', body: change, signal }));
  }

  async webhooks(signal?: AbortSignal): Promise<Webhook[]> {
    return webhooks.parse(await this.#ask('/webhooks', { signal })).webhooks;
  }

  /** A new one without `webhookId`. */
  async putWebhook(webhookId: string | undefined, change: WebhookChange, signal?: AbortSignal): Promise<Webhook> {
    const ask = webhookId === undefined
      ? this.#ask('/webhooks', { method: 'POST', body: change, signal })
      : this.#ask(`/webhooks/${encodeURIComponent(webhookId)}`, { method: 'PUT', body: change, signal });
    return webhook.parse(await ask);
  }

  async removeWebhook(webhookId: string, signal?: AbortSignal): Promise<void> {
    await this.#ask(`/webhooks/${encodeURIComponent(webhookId)}`, { method: 'DELETE', signal });
  }

  async testWebhook(webhookId: string, signal?: AbortSignal): Promise<WebhookTest> {
    return webhookTest.parse(await this.#ask(`/webhooks/${encodeURIComponent(webhookId)}/test`, { method: 'POST', signal, timeoutMs: testTimeoutMs }));
  }

  async deliveries(query: Query, signal?: AbortSignal): Promise<WebhookDelivery[]> {
    return webhookDeliveries.parse(await this.#ask(`/deliveries${search(query)}`, { signal })).deliveries;
  }

  async redeliver(deliveryId: string, signal?: AbortSignal): Promise<WebhookDelivery> {
    return webhookDelivery.parse(await this.#ask(`/deliveries/${encodeURIComponent(deliveryId)}/redeliver`, { method: 'POST', signal }));
  }

  #ask(path: string, ask: NodeRequest): Promise<unknown> {
    return this.#connection.json(`${base}${path}`, { timeoutMs: 5000, ...ask });
  }
}

function search(query: Query): string {
  const given = Object.entries(query).flatMap(([key, value]): [string, string][] => (value === undefined ? [] : [[key, String(value)]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}
