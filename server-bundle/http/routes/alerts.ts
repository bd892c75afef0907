import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { messagesFor } from '../../alerts/webhooks/messages.ts';
import { definitionOf, effectiveRule, ruleDefinitions } from '../../alerts/index.ts';
import {
  alertAcknowledgement, alertRuleChange, alertSeverity, BulkheadError, newAlertMute,
  type AlertHistory, type AlertMute, type AlertRule, type ClusterAlert, type OpenAlerts,
} from '../../contract/index.ts';
import { acknowledge, alertOf, databaseNow, evaluatedAt, findAlert, openAlertRows, raisedAlerts } from '../../metadata/alerts/alert-rows.ts';
import { enqueue } from '../../metadata/alerts/delivery-rows.ts';
import { deleteMute, insertMute, presentMutes } from '../../metadata/alerts/mute-rows.ts';
import { changeRule, ruleOverrides } from '../../metadata/alerts/rule-rows.ts';
import { webhookRows } from '../../metadata/alerts/webhook-rows.ts';
import { clusterIdentity } from '../../metadata/cluster-identity.ts';
import { committed } from '../../metadata/committed.ts';
import { requireAdmin } from '../../security/authorize.ts';
import type { RouteModule } from '../route-module.ts';
import { validated } from '../validated.ts';

export const alertsBase = '/artifactory/api/v1/cluster/alerts';

/** Answered while draining, drained and over capacity as well: that is when somebody wants to look. */
const always = { config: { always: true } } as const;

const historyQuery = z.strictObject({
  before: z.iso.datetime().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  rule: z.string().max(64).optional(),
  subject: z.string().max(256).optional(),
  severity: alertSeverity.optional(),
});
const inPath = z.object({ id: z.uuid() });

/** Open alerts, their history, their rules and mutes. Administrators only; no balancer passes them on. */
export const alertRoutes: RouteModule = (app, { runtime }) => {
  const database = () => runtime.session().db;

  app.get(alertsBase, always, async (request): Promise<OpenAlerts> => {
    requireAdmin(request.principal);
    const db = database();
    const [rows, mutes, evaluated] = [await openAlertRows(db), await presentMutes(db), await evaluatedAt(db)];
    return { ...await stamp(), evaluatedAt: evaluated?.toISOString() ?? null, alerts: rows.map((row) => alertOf(row, mutes)) };
  });

  app.get(`${alertsBase}/history`, always, async (request): Promise<AlertHistory> => {
    requireAdmin(request.principal);
    const { before, limit, ...filter } = validated(historyQuery, request.query, 'PARAMETER_INVALID');
    const db = database();
    const rows = await raisedAlerts(db, { ...filter, before: before === undefined ? null : new Date(before), limit });
    const last = rows.at(-1)?.raised_at ?? null;
    const more = last !== null && (await raisedAlerts(db, { ...filter, before: last, limit: 1 })).length > 0;
    const mutes = await presentMutes(db);
    return { ...await stamp(), alerts: rows.map((row) => alertOf(row, mutes)), more };
  });

  app.post(`${alertsBase}/:id/acknowledge`, always, async (request): Promise<ClusterAlert> => {
    requireAdmin(request.principal);
    const id = idOf(request.params, 'ALERT_NOT_FOUND');
    const { note } = validated(alertAcknowledgement, request.body);
    const session = runtime.session();
    const by = request.principal.name;
    return committed(session, async (trx) => {
      const row = await acknowledge(trx, id, by, note);
      if (row === undefined) throw await findAlert(trx, id) === undefined ? new BulkheadError('ALERT_NOT_FOUND') : new BulkheadError('ALERT_CLEARED');
      const alert = alertOf(row, await presentMutes(trx));
      const cluster = await clusterIdentity(trx);
      // whoever was not told of it need not hear that somebody takes care
      if (row.told_at !== null && cluster !== null) await enqueue(trx, messagesFor(await webhookRows(trx), 'acknowledged', alert, cluster, await databaseNow(trx)));
      await session.events.publish({
        type: 'alert.acknowledged', nodeId: alert.nodeId, message: `${by} takes care of: ${alert.title}: ${alert.message}`,
        detail: { alertId: id, rule: alert.rule, subject: alert.subject, by, note },
      }, trx);
      return alert;
    });
  });

  app.get(`${alertsBase}/rules`, always, async (request): Promise<{ rules: AlertRule[] }> => {
    requireAdmin(request.principal);
    const overrides = await ruleOverrides(database());
    return { ...await stamp(), rules: ruleDefinitions.map((definition) => effectiveRule(definition, overrides.get(definition.rule))) };
  });

  app.put(`${alertsBase}/rules/:rule`, always, async (request): Promise<AlertRule> => {
    requireAdmin(request.principal);
    const { rule } = validated(z.object({ rule: z.string().max(64) }), request.params, 'PARAMETER_INVALID');
    const definition = definitionOf(rule);
    if (definition === undefined) throw new BulkheadError('ALERT_RULE_NOT_FOUND', `There is no alert rule "${rule}"`);
    const change = validated(alertRuleChange, request.body);
    requireThreshold(definition.threshold, change.threshold);
    const session = runtime.session();
    const by = request.principal.name;
    return committed(session, async (trx) => {
      await changeRule(trx, rule, change, by);
      const changed = effectiveRule(definition, (await ruleOverrides(trx)).get(rule));
      await session.events.publish({ type: 'alert.rule-changed', message: `${by} changed the alert rule "${definition.title}"`, detail: { rule, by, ...changedOf(changed) } }, trx);
      return changed;
    });
  });

  app.get(`${alertsBase}/mutes`, always, async (request): Promise<{ mutes: AlertMute[] }> => {
    requireAdmin(request.principal);
    return { ...await stamp(), mutes: await presentMutes(database()) };
  });

  app.post(`${alertsBase}/mutes`, always, async (request, reply) => {
    requireAdmin(request.principal);
    const asked = validated(newAlertMute, request.body);
    if (asked.rule !== null && definitionOf(asked.rule) === undefined) throw new BulkheadError('ALERT_RULE_NOT_FOUND', `There is no alert rule "${asked.rule}"`);
    const session = runtime.session();
    const by = request.principal.name;
    const mute = await committed(session, async (trx) => {
      const made = await insertMute(trx, randomUUID(), asked, by);
      await session.events.publish({
        type: 'alert.muted', nodeId: null, message: `${by} muted ${mutedWords(made)} until ${made.until}`, detail: { ...made },
      }, trx);
      return made;
    });
    return reply.code(201).send(mute);
  });

  app.delete(`${alertsBase}/mutes/:id`, always, async (request, reply) => {
    requireAdmin(request.principal);
    const id = idOf(request.params, 'ALERT_MUTE_NOT_FOUND');
    const session = runtime.session();
    const by = request.principal.name;
    await committed(session, async (trx) => {
      const ended = await deleteMute(trx, id);
      if (ended === undefined) throw new BulkheadError('ALERT_MUTE_NOT_FOUND');
      await session.events.publish({ type: 'alert.unmuted', message: `${by} ended the silence of ${mutedWords(ended)}`, detail: { ...ended, by } }, trx);
    });
    return reply.code(204).send();
  });

  async function stamp(): Promise<{ apiVersion: 1; asOf: string }> {
    return { apiVersion: 1, asOf: (await databaseNow(database())).toISOString() };
  }
};

function idOf(parameters: unknown, code: 'ALERT_NOT_FOUND' | 'ALERT_MUTE_NOT_FOUND'): string {
  const parsed = inPath.safeParse(parameters);
  if (!parsed.success) throw new BulkheadError(code);
  return parsed.data.id;
}

function requireThreshold(limits: AlertRule['threshold'], threshold: number | null | undefined): void {
  if (threshold === undefined || threshold === null) return;
  const message = limits === null ? 'this rule has no threshold' : `must lie between ${String(limits.min)} and ${String(limits.max)} ${limits.unit}`;
  if (limits !== null && threshold >= limits.min && threshold <= limits.max) return;
  throw new BulkheadError('BODY_INVALID', `threshold: ${message}`, { details: [{ field: 'threshold', message }] });
}

function changedOf({ severity, enabled, threshold, raiseAfterSeconds, clearAfterSeconds }: AlertRule): Record<string, unknown> {
  return { severity, enabled, threshold: threshold?.value ?? null, raiseAfterSeconds, clearAfterSeconds };
}

function mutedWords({ rule, subject }: AlertMute): string {
  const what = rule === null ? 'all alerts' : `"${definitionOf(rule)?.title ?? rule}"`;
  return subject === null ? what : `${what} about ${subject}`;
}
