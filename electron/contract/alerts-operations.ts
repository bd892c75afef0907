import { z } from 'zod';
import {
  alertMute, alertRule, alertRuleChange, newAlertMute, webhook, webhookChange, webhookDelivery, webhookTest, deliveryState,
} from '../../server-bundle/contract/index.ts';
import { alert, alertHistoryQuery, alertPicture } from './alerts.ts';
import { command, done, inCluster, query, stream } from './operation.ts';

const atAlert = inCluster.extend({ alertId: z.string() });
const atRule = inCluster.extend({ rule: z.string().min(1).max(64) });
const atWebhook = inCluster.extend({ webhookId: z.string() });

/** What needs a person: found by the cluster's master, and by this app where the cluster cannot know. */
export const alertsOperations = {
  /** open alerts of one cluster, or of all; muted and acknowledged ones too */
  'alerts.watch': stream(z.object({ clusterId: z.string().optional() }).strict(), alertPicture),
  'alerts.history': query(alertHistoryQuery, z.object({ alerts: z.array(alert), more: z.boolean() })),
  /** "I am on it": for everybody who looks at the cluster; an alert of this app only is acknowledged in this app only */
  'alerts.acknowledge': command(atAlert.extend({ note: z.string().max(1000).default('') }), alert),

  'alerts.mutes': query(inCluster, z.array(alertMute)),
  'alerts.mute': command(inCluster.extend(newAlertMute.shape), alertMute),
  'alerts.unmute': command(inCluster.extend({ muteId: z.string() }), done),

  'alerts.rules': query(inCluster, z.array(alertRule)),
  /** what is left out stays; null goes back to the default */
  'alerts.setRule': command(atRule.extend(alertRuleChange.shape), alertRule),

  'alerts.webhooks': query(inCluster, z.array(webhook)),
  /** a new one without `webhookId`; without `secret` the present one stays, null takes it away */
  'alerts.putWebhook': command(inCluster.extend({ webhookId: z.string().optional(), ...webhookChange.shape }), webhook),
  'alerts.removeWebhook': command(atWebhook, done),
  /** sends a test message now and waits for its outcome */
  'alerts.testWebhook': command(atWebhook, webhookTest),
  'alerts.deliveries': query(inCluster.extend({
    webhookId: z.string().optional(), state: deliveryState.optional(), limit: z.number().int().min(1).max(500).default(100),
  }), z.array(webhookDelivery)),
  /** a delivery that was given up is tried again, under the same id */
  'alerts.redeliver': command(inCluster.extend({ deliveryId: z.string() }), webhookDelivery),

  /** ready-made Prometheus rules over the metrics of the nodes, for export */
  'alerts.prometheusRules': query(z.object({}).strict(), z.object({ fileName: z.string(), text: z.string() })),
} as const;
