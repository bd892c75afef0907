import { z } from 'zod';
import { isoTime } from './cluster.ts';

export const alertSeverity = z.enum(['warning', 'bad']);
export type AlertSeverity = z.infer<typeof alertSeverity>;

/** What a webhook can be told: an alert was raised, cleared, or taken over by a person; `test` is sent on request only. */
export const alertEvent = z.enum(['raised', 'cleared', 'acknowledged']);
export type AlertEvent = z.infer<typeof alertEvent>;

/**
 * One alert of a cluster: raised when its condition has held for as long as its rule asks for, cleared when it has been gone for as long.
 * The same condition that comes back later is another alert.
 */
export const clusterAlert = z.object({
  id: z.string(),
  /** for example "node-down"; a newer cluster may have rules that this reader does not know */
  rule: z.string(),
  /** the rule in words, for example "Node down" */
  title: z.string(),
  severity: alertSeverity,
  /** what it is about: a node's id, a webhook's name, or "cluster" */
  subject: z.string(),
  nodeId: z.string().nullable(),
  /** one plain sentence for people */
  message: z.string(),
  /** what was measured last, in words, for example "91 % of 40 GB" */
  value: z.string(),
  /** what it was held against, in words, for example "90 %" */
  threshold: z.string(),
  /** when the condition was first seen; the alert is raised `raiseAfterSeconds` later */
  since: isoTime,
  raisedAt: isoTime,
  clearedAt: isoTime.nullable(),
  acknowledged: z.object({ by: z.string(), at: isoTime, note: z.string() }).nullable(),
  /** told to nobody until then; null when it is not muted */
  mutedUntil: isoTime.nullable(),
});
export type ClusterAlert = z.infer<typeof clusterAlert>;

export const alertRule = z.object({
  rule: z.string(),
  title: z.string(),
  /** what it watches and why that matters, in a sentence */
  description: z.string(),
  severity: alertSeverity,
  enabled: z.boolean(),
  /** null for a rule that is either so or not */
  threshold: z.object({ value: z.number(), unit: z.string(), min: z.number(), max: z.number() }).nullable(),
  /** how long the condition must hold before the alert is raised */
  raiseAfterSeconds: z.number().int(),
  /** how long it must be gone before the alert is cleared */
  clearAfterSeconds: z.number().int(),
  /** what the rule has when nobody has changed it */
  defaults: z.object({
    severity: alertSeverity, enabled: z.boolean(), threshold: z.number().nullable(), raiseAfterSeconds: z.number().int(), clearAfterSeconds: z.number().int(),
  }),
});
export type AlertRule = z.infer<typeof alertRule>;

/** `PUT …/alerts/rules/{rule}`: what is left out stays, null goes back to the default. */
export const alertRuleChange = z.object({
  severity: alertSeverity.nullable().optional(),
  enabled: z.boolean().nullable().optional(),
  threshold: z.number().nullable().optional(),
  raiseAfterSeconds: z.number().int().min(0).max(86_400).nullable().optional(),
  clearAfterSeconds: z.number().int().min(0).max(86_400).nullable().optional(),
}).strict();
export type AlertRuleChange = z.infer<typeof alertRuleChange>;

/** Silence for what fits: a rule, a subject, both, or (with neither) everything. Alerts are still raised, and shown as muted. */
export const alertMute = z.object({
  id: z.string(),
  /** null: every rule */
  rule: z.string().nullable(),
  /** null: every subject; a node's id mutes all that is about that node */
  subject: z.string().nullable(),
  until: isoTime,
  reason: z.string(),
  by: z.string(),
  createdAt: isoTime,
});
export type AlertMute = z.infer<typeof alertMute>;

const longestMuteSeconds = 366 * 86_400;

export const newAlertMute = z.object({
  rule: z.string().max(64).nullable().default(null),
  subject: z.string().max(256).nullable().default(null),
  /** from now, by the cluster's clock */
  seconds: z.number().int().min(1).max(longestMuteSeconds),
  reason: z.string().max(500).default(''),
}).strict();
export type NewAlertMute = z.infer<typeof newAlertMute>;

export const alertAcknowledgement = z.object({ note: z.string().max(1000).default('') }).strict();

/** Where the master sends alerts. The secret goes in and never comes out again. */
export const webhook = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  enabled: z.boolean(),
  events: z.array(alertEvent),
  /** rules that are told; null: all */
  rules: z.array(z.string()).nullable(),
  /** "bad" leaves warnings out */
  leastSeverity: alertSeverity,
  /** whether requests are signed */
  hasSecret: z.boolean(),
  createdAt: isoTime,
  /** the newest delivery that was taken */
  deliveredAt: isoTime.nullable(),
  /** deliveries that wait for their next attempt */
  waiting: z.number().int(),
  /** deliveries that were given up */
  dead: z.number().int(),
  /** why the newest attempt failed; null when it did not */
  failure: z.string().nullable(),
});
export type Webhook = z.infer<typeof webhook>;

/** `PUT …/alerts/webhooks/{id}`. Without `secret` the present one stays; null takes it away. */
export const webhookChange = z.object({
  name: z.string().min(1).max(100),
  url: z.url({ protocol: /^https?$/ }).max(2000),
  enabled: z.boolean().default(true),
  events: z.array(alertEvent).min(1).default(['raised', 'cleared', 'acknowledged']),
  rules: z.array(z.string().max(64)).max(100).nullable().default(null),
  leastSeverity: alertSeverity.default('warning'),
  secret: z.string().min(16, 'use at least 16 characters').max(256).nullable().optional(),
}).strict();
export type WebhookChange = z.infer<typeof webhookChange>;

/** `waiting`: for its first or next attempt; `dead`: given up after the last attempt, or refused for good. */
export const deliveryState = z.enum(['waiting', 'delivered', 'dead']);

/** One message to one webhook. `id` is its idempotency key: every attempt carries the same. */
export const webhookDelivery = z.object({
  id: z.string(),
  webhookId: z.string(),
  event: z.enum([...alertEvent.options, 'test']),
  alertId: z.string().nullable(),
  /** the alert's sentence */
  message: z.string(),
  state: deliveryState,
  attempts: z.number().int(),
  createdAt: isoTime,
  /** of the next attempt; null when there is none */
  nextAt: isoTime.nullable(),
  endedAt: isoTime.nullable(),
  /** HTTP status of the last answer; null when none came */
  status: z.number().int().nullable(),
  failure: z.string().nullable(),
});
export type WebhookDelivery = z.infer<typeof webhookDelivery>;

/** Outcome of a test message, which is sent at once, once, by the node that was asked. */
export const webhookTest = z.object({
  deliveryId: z.string(),
  delivered: z.boolean(),
  status: z.number().int().nullable(),
  milliseconds: z.number(),
  failure: z.string().nullable(),
});
export type WebhookTest = z.infer<typeof webhookTest>;

const answer = { apiVersion: z.literal(1), asOf: isoTime };
/** `GET /artifactory/api/v1/cluster/alerts`: open ones, newest first, and when the master last looked. */
export const openAlerts = z.object({ ...answer, evaluatedAt: isoTime.nullable(), alerts: z.array(clusterAlert) });
export type OpenAlerts = z.infer<typeof openAlerts>;
/** `GET …/alerts/history`: newest first, open ones too. */
export const alertHistory = z.object({ ...answer, alerts: z.array(clusterAlert), more: z.boolean() });
export type AlertHistory = z.infer<typeof alertHistory>;
export const alertRules = z.object({ ...answer, rules: z.array(alertRule) });
export const alertMutes = z.object({ ...answer, mutes: z.array(alertMute) });
export const webhooks = z.object({ ...answer, webhooks: z.array(webhook) });
export const webhookDeliveries = z.object({ ...answer, deliveries: z.array(webhookDelivery) });

/** Body of a webhook's POST. Headers: `X-Bulkhead-Delivery`, `X-Bulkhead-Timestamp`, `X-Bulkhead-Signature`. */
export const webhookMessage = z.object({
  apiVersion: z.literal(1),
  /** the delivery's id: the same over all attempts */
  id: z.string(),
  event: z.enum([...alertEvent.options, 'test']),
  at: isoTime,
  cluster: z.object({ id: z.string(), name: z.string() }),
  /** null in a test */
  alert: clusterAlert.nullable(),
});
export type WebhookMessage = z.infer<typeof webhookMessage>;
