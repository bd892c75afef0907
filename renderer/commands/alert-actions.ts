import type { Alert } from '../../electron/contract/index.ts';
import type { Action } from './action.ts';

/** "I am on it" for each alert that calls for somebody; a note is added where the alert stands. */
export function acknowledgeActions(alerts: readonly Alert[], blocked: string | null): Action[] {
  return alerts.filter(({ acknowledged, mutedUntil }) => acknowledged === null && mutedUntil === null).map((alert) => ({
    id: `alerts.acknowledge:${alert.id}`, subject: `alert:${alert.id}`, label: `Acknowledge: ${alert.title}, ${alert.subject}`, explanation: alert.message,
    progress: 'Acknowledging', tone: 'normal', blocked, question: null,
    run: (client, signal) => client.call('alerts.acknowledge', { clusterId: alert.clusterId, alertId: alert.id }, { signal }),
  }));
}
