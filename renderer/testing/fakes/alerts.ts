import type { Alert, AlertPicture } from '../../../electron/contract/index.ts';
import { fakeDeliveries, fakeMutes, fakeRules, fakeWebhooks, pastAlerts, prometheusRules, quietAlerts, troubleAlerts } from './alert-records.ts';
import { refusal, wait, type FakePart } from './fake-part.ts';
import type { FakeWorld } from './fake-world.ts';

const find = <T>(list: T[], fits: (item: T) => boolean, code: string): T => {
  const found = list.find(fits);
  if (found === undefined) throw refusal(code, 'It is not there any more', 'Look at the list again.');
  return found;
};

/** Alerts, rules and webhooks. */
export function fakeAlerts(world: FakeWorld): FakePart {
  let open: Alert[] = world.scenario === 'lan-trouble' ? troubleAlerts() : world.scenario.startsWith('lan') && world.scenario !== 'lan-empty' ? quietAlerts() : [];
  let rules = fakeRules();
  let mutes = world.scenario.startsWith('lan') && world.scenario !== 'lan-empty' ? fakeMutes() : [];
  let webhooks = mutes.length > 0 ? fakeWebhooks() : [];
  let deliveries = fakeDeliveries();
  const picture = (): AlertPicture => {
    const loud = open.filter(({ acknowledged, mutedUntil }) => acknowledged === null && mutedUntil === null);
    return {
      alerts: open,
      clusters: ['demo', ...(world.hasLan ? ['berlin'] : [])].map((clusterId) => ({ clusterId, name: world.of(clusterId).identity.name, freshness: 'live' as const, evaluatedAt: new Date(Date.now() - 2_400).toISOString(), problem: null })),
      counts: { bad: loud.filter(({ severity }) => severity === 'bad').length, warning: loud.filter(({ severity }) => severity === 'warning').length, acknowledged: open.filter(({ acknowledged }) => acknowledged !== null).length, muted: open.filter(({ mutedUntil }) => mutedUntil !== null).length },
    };
  };
  return {
    answers: {
      'alerts.acknowledge': async ({ alertId, note }) => {
        await wait(250);
        const changed = { ...find(open, ({ id }) => id === alertId, 'ALERT_NOT_FOUND'), acknowledged: { by: 'you', at: new Date().toISOString(), note: note ?? '' } };
        open = open.map((alert) => (alert.id === alertId ? changed : alert));
        world.changed();
        return changed;
      },
      'alerts.history': ({ severity, subject, before }) => {
        const fitting = (open.length === 0 ? [] : pastAlerts()).filter((alert) => (severity === undefined || alert.severity === severity) && (subject === undefined || alert.subject === subject) && (before === undefined || alert.raisedAt < before));
        return { alerts: fitting.slice(0, 8), more: fitting.length > 8 };
      },
      'alerts.mutes': () => mutes,
      'alerts.mute': async ({ rule, subject, seconds, reason }) => {
        await wait(250);
        const until = new Date(Date.now() + seconds * 1000).toISOString();
        const mute = { id: `m${mutes.length + 3}`, rule: rule ?? null, subject: subject ?? null, until, reason: reason ?? '', by: 'you', createdAt: new Date().toISOString() };
        mutes = [...mutes, mute];
        open = open.map((alert) => ((mute.rule === null || mute.rule === alert.rule) && (mute.subject === null || mute.subject === alert.subject) ? { ...alert, mutedUntil: until } : alert));
        world.changed();
        return mute;
      },
      'alerts.unmute': ({ muteId }) => {
        mutes = mutes.filter(({ id }) => id !== muteId);
        return {};
      },
      'alerts.rules': () => rules,
      'alerts.setRule': async ({ rule, threshold, ...change }) => {
        await wait(200);
        const present = find(rules, (known) => known.rule === rule, 'ALERT_RULE_NOT_FOUND');
        const { defaults } = present;
        const pick = <T>(asked: T | null | undefined, now: T, byDefault: T): T => (asked === undefined ? now : asked ?? byDefault);
        const changed = {
          ...present, severity: pick(change.severity, present.severity, defaults.severity), enabled: pick(change.enabled, present.enabled, defaults.enabled),
          raiseAfterSeconds: pick(change.raiseAfterSeconds, present.raiseAfterSeconds, defaults.raiseAfterSeconds), clearAfterSeconds: pick(change.clearAfterSeconds, present.clearAfterSeconds, defaults.clearAfterSeconds),
          threshold: present.threshold === null ? null : { ...present.threshold, value: pick(threshold, present.threshold.value, defaults.threshold ?? 0) },
        };
        rules = rules.map((known) => (known.rule === rule ? changed : known));
        return changed;
      },
      'alerts.webhooks': () => webhooks,
      'alerts.putWebhook': async ({ webhookId, name, url, events, leastSeverity, secret }) => {
        await wait(250);
        const present = webhooks.find(({ id }) => id === webhookId);
        const changed = {
          id: webhookId ?? `w${webhooks.length + 1}`, enabled: true, rules: null, createdAt: new Date().toISOString(), deliveredAt: null, waiting: 0, dead: 0, failure: null, ...present,
          name, url, events: events ?? ['raised'], leastSeverity: leastSeverity ?? 'warning', hasSecret: secret === undefined ? present?.hasSecret ?? false : secret !== null,
        };
        webhooks = present === undefined ? [...webhooks, changed] : webhooks.map((known) => (known.id === webhookId ? changed : known));
        return changed;
      },
      'alerts.removeWebhook': ({ webhookId }) => {
        webhooks = webhooks.filter(({ id }) => id !== webhookId);
        return {};
      },
      'alerts.testWebhook': async ({ webhookId }) => {
        await wait(700);
        const fails = find(webhooks, ({ id }) => id === webhookId, 'WEBHOOK_NOT_FOUND').failure !== null;
        return { deliveryId: 'd9', delivered: !fails, status: fails ? 502 : 204, milliseconds: 84, failure: fails ? 'answered 502' : null };
      },
      'alerts.deliveries': () => deliveries,
      'alerts.redeliver': ({ deliveryId }) => {
        const changed = { ...find(deliveries, ({ id }) => id === deliveryId, 'DELIVERY_NOT_FOUND'), state: 'waiting' as const, nextAt: new Date().toISOString() };
        deliveries = deliveries.map((known) => (known.id === deliveryId ? changed : known));
        return changed;
      },
      'alerts.prometheusRules': () => ({ fileName: 'bulkhead.rules.yml', text: prometheusRules }),
    },
    streams: {
      'alerts.watch': (_args, send) => world.onChange(() => {
        if (world.scenario !== 'slow') send(picture());
      }),
    },
  };
}
