import type { Alert, AlertMute, AlertRule, Webhook, WebhookDelivery } from '../../../electron/contract/index.ts';

const minute = 60_000;
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
const ahead = (ms: number): string => new Date(Date.now() + ms).toISOString();

interface Told { rule: string; title: string; severity: Alert['severity']; subject: string; message: string; value: string; threshold: string; minutes: number }

function alertOf(told: Told, more: Partial<Alert> = {}): Alert {
  const { minutes, ...rest } = told;
  return {
    ...rest, id: `${told.rule}-${told.subject}-${minutes}`, nodeId: /^(art|node)-\d/.test(told.subject) ? told.subject : null, since: ago(minutes * minute), raisedAt: ago((minutes - 0.5) * minute),
    clearedAt: null, acknowledged: null, mutedUntil: null, clusterId: 'berlin', clusterName: 'artifacts-berlin', source: 'cluster', hostId: null, ...more,
  };
}

const budget: Told = { rule: 'budget', title: 'Connection budget nearly used', severity: 'warning', subject: 'cluster', message: '78 of 87 connections are granted: one more node does not fit.', value: '90 % of 87', threshold: '85 %', minutes: 192 };
const clock: Told = { rule: 'clock-skew', title: 'Clock differs', severity: 'warning', subject: 'art-2', message: 'The clock of art-2 is 840 ms ahead of the database’s.', value: '840 ms', threshold: '500 ms', minutes: 26 };
const down: Told = { rule: 'node-down', title: 'Node down', severity: 'bad', subject: 'art-4', message: 'art-4 has not sent a heartbeat for 5 minutes; its service has failed 3 times.', value: '5 min without a heartbeat', threshold: '10 s', minutes: 5 };

export const quietAlerts = (): Alert[] => [
  alertOf(budget, { acknowledged: { by: 'ida', at: ago(170 * minute), note: 'max_connections goes to 200 on Thursday' } }),
  alertOf(clock),
];

export const troubleAlerts = (): Alert[] => [
  alertOf(down),
  alertOf({ rule: 'host-unreachable', title: 'Host unreachable', severity: 'bad', subject: 'art-3', message: '10.0.4.13 does not answer on port 22, and no node hears of art-3.', value: 'no answer for 95 s', threshold: '30 s', minutes: 1.6 }, { source: 'app', hostId: 'host-art-3' }),
  alertOf({ rule: 'disk', title: 'Disk nearly full', severity: 'warning', subject: 'art-5', message: '/ on art-5 has 3.1 GB of 40 GB left.', value: '92 % of 40 GB', threshold: '90 %', minutes: 44 }),
  alertOf(budget, { acknowledged: { by: 'ida', at: ago(170 * minute), note: 'max_connections goes to 200 on Thursday' } }),
  alertOf({ ...clock, subject: 'art-6' }, { mutedUntil: ahead(190 * minute) }),
  alertOf({ rule: 'heartbeat-late', title: 'Heartbeat late', severity: 'warning', subject: 'node-2', message: 'Heartbeats of node-2 come 2.4 s late.', value: '2.4 s', threshold: '1.5 s', minutes: 3 }, { clusterId: 'demo', clusterName: 'demo' }),
];

export const pastAlerts = (): Alert[] => [
  ...quietAlerts(),
  alertOf({ ...down, subject: 'art-3', minutes: 1_530 }, { clearedAt: ago(1_519 * minute), acknowledged: { by: 'ida', at: ago(1_528 * minute), note: 'pulled the wrong cable' } }),
  alertOf({ rule: 'no-master', title: 'No master', severity: 'bad', subject: 'cluster', message: 'Nobody held the lease.', value: '12 s without a master', threshold: '10 s', minutes: 1_531 }, { clearedAt: ago(1_530.8 * minute) }),
  ...Array.from({ length: 9 }, (_, index) => alertOf({ ...clock, minutes: 2_900 + index * 700 }, { clearedAt: ago((2_860 + index * 700) * minute) })),
];

const ruleOf = (rule: string, title: string, description: string, severity: AlertRule['severity'], threshold: [number, string, number, number] | null, raise = 30, clear = 60): AlertRule => ({
  rule, title, description, severity, enabled: true, threshold: threshold === null ? null : { value: threshold[0], unit: threshold[1], min: threshold[2], max: threshold[3] }, raiseAfterSeconds: raise, clearAfterSeconds: clear,
  defaults: { severity, enabled: true, threshold: threshold?.[0] ?? null, raiseAfterSeconds: raise, clearAfterSeconds: clear },
});

export const fakeRules = (): AlertRule[] => [
  ruleOf('node-down', 'Node down', 'A node that should serve has sent no heartbeat: its share of the work is on the others.', 'bad', [10, 's', 2, 3600], 0, 30),
  ruleOf('no-master', 'No master', 'Nobody holds the lease: cluster-wide tasks stand still.', 'bad', [10, 's', 2, 3600], 0, 10),
  ruleOf('budget', 'Connection budget nearly used', 'Another node, or an upgrade, may find no connections left.', 'warning', [85, '% of the budget', 50, 100], 60, 120),
  ruleOf('disk', 'Disk nearly full', 'Logs and staging need room; a full disk stops the node.', 'warning', [90, '%', 50, 99], 60, 300),
  { ...ruleOf('clock-skew', 'Clock differs', 'Times in logs and tokens mislead when a host’s clock is off.', 'warning', [500, 'ms', 50, 60_000], 60, 120), threshold: { value: 800, unit: 'ms', min: 50, max: 60_000 } },
  ruleOf('version-mismatch', 'Versions differ', 'Nodes run different versions, and no upgrade is under way.', 'warning', null, 600, 0),
  { ...ruleOf('certificate', 'Certificate ends soon', 'Clients refuse the balancer when its certificate has ended.', 'warning', [21, 'days', 1, 365], 0, 0), enabled: false },
];

export const fakeMutes = (): AlertMute[] => [
  { id: 'm1', rule: 'clock-skew', subject: 'art-6', until: ahead(190 * minute), reason: 'waiting for the new NTP server', by: 'ida', createdAt: ago(40 * minute) },
  { id: 'm2', rule: null, subject: 'art-3', until: ahead(90 * minute), reason: 'maintenance: new memory modules', by: 'maintenance of art-3', createdAt: ago(20 * minute) },
];

export const fakeWebhooks = (): Webhook[] => [
  { id: 'w1', name: 'ops chat', url: 'https://chat.lan/hooks/ops', enabled: true, events: ['raised', 'cleared', 'acknowledged'], rules: null, leastSeverity: 'warning', hasSecret: true, createdAt: ago(9_000 * minute), deliveredAt: ago(26 * minute), waiting: 0, dead: 0, failure: null },
  { id: 'w2', name: 'pager', url: 'https://pager.lan/api/events', enabled: true, events: ['raised'], rules: null, leastSeverity: 'bad', hasSecret: false, createdAt: ago(9_000 * minute), deliveredAt: ago(1_530 * minute), waiting: 1, dead: 2, failure: 'answered 502' },
];

export const fakeDeliveries = (): WebhookDelivery[] => [
  { id: 'd3', webhookId: 'w1', event: 'raised', alertId: 'a', message: clock.message, state: 'delivered', attempts: 1, createdAt: ago(26 * minute), nextAt: null, endedAt: ago(26 * minute), status: 204, failure: null },
  { id: 'd2', webhookId: 'w2', event: 'raised', alertId: 'b', message: 'art-3 has not sent a heartbeat for 12 s.', state: 'waiting', attempts: 3, createdAt: ago(31 * minute), nextAt: ahead(4 * minute), endedAt: null, status: 502, failure: 'answered 502' },
  { id: 'd1', webhookId: 'w2', event: 'raised', alertId: 'c', message: 'Nobody held the lease.', state: 'dead', attempts: 12, createdAt: ago(1_531 * minute), nextAt: null, endedAt: ago(91 * minute), status: null, failure: 'no answer within 10 s' },
];

export const prometheusRules = `groups:
  - name: bulkhead
    rules:
      - alert: BulkheadNodeDown
        expr: up{job="bulkhead"} == 0
        for: 30s
        labels: { severity: critical }
        annotations: { summary: "{{ $labels.instance }} does not answer" }
      - alert: BulkheadBudgetNearlyUsed
        expr: bulkhead_connections_granted / bulkhead_connections_budget > 0.85
        for: 1m
        labels: { severity: warning }
`;
