import { randomUUID } from 'node:crypto';
import type { NewEvent, Reader } from '../cluster/ports.ts';
import { nextPhase, type AlertEvent, type AlertMute, type AlertPhase, type AlertRule, type ClusterAlert } from '../contract/index.ts';
import {
  alertOf, dropAlert, insertAlert, presentAlerts, recordEvaluation, updateAlert, type AlertRow,
} from '../metadata/alerts/alert-rows.ts';
import { enqueue } from '../metadata/alerts/delivery-rows.ts';
import { presentMutes } from '../metadata/alerts/mute-rows.ts';
import { webhookRows, type WebhookRow } from '../metadata/alerts/webhook-rows.ts';
import type { Condition } from './conditions.ts';
import { messagesFor } from './webhooks/messages.ts';

/** After a longer pause between two evaluations what was seen before does not count towards a window. */
const longestPauseMs = 10_000;

export interface Evaluation {
  readonly cluster: { readonly id: string; readonly name: string };
  /** the database's clock, milliseconds since 1970 */
  readonly at: number;
  /** milliseconds since the previous evaluation; null: there was none */
  readonly sinceLastMs: number | null;
  readonly epoch: number;
  readonly conditions: readonly Condition[];
  readonly rules: ReadonlyMap<string, AlertRule>;
}

/**
 * Holds the conditions against the alerts that there are, in one fenced transaction: raises, clears, and puts in line what webhooks are
 * to be told. Returns the events to publish, in order, as the last thing of the transaction.
 */
export async function applyEvaluation(trx: Reader, evaluation: Evaluation): Promise<NewEvent[]> {
  const [present, mutes, webhooks] = [await presentAlerts(trx), await presentMutes(trx), await webhookRows(trx)];
  const work = new Work(trx, evaluation, mutes, webhooks);
  const known = new Map(present.map((row) => [keyOf(row.rule, row.subject), row]));
  for (const condition of evaluation.conditions) {
    const key = keyOf(condition.rule, condition.subject);
    await work.step(known.get(key) ?? null, condition);
    known.delete(key);
  }
  for (const row of known.values()) await work.step(row, null);
  await recordEvaluation(trx, new Date(evaluation.at), evaluation.epoch);
  return work.events;
}

const keyOf = (rule: string, subject: string): string => `${rule}\n${subject}`;

class Work {
  readonly events: NewEvent[] = [];
  readonly #trx: Reader;
  readonly #evaluation: Evaluation;
  readonly #mutes: readonly AlertMute[];
  readonly #webhooks: readonly WebhookRow[];

  constructor(trx: Reader, evaluation: Evaluation, mutes: readonly AlertMute[], webhooks: readonly WebhookRow[]) {
    this.#trx = trx;
    this.#evaluation = evaluation;
    this.#mutes = mutes;
    this.#webhooks = webhooks;
  }

  /** One subject of one rule: `row` as it was, `condition` as it is now. */
  async step(row: AlertRow | null, condition: Condition | null): Promise<void> {
    const { at, rules, sinceLastMs } = this.#evaluation;
    const rule = rules.get(row?.rule ?? condition?.rule ?? '');
    // a rule that is switched off, or that this version does not have, takes its alerts with it
    const watched = rule?.enabled === true;
    const window = { raiseAfterMs: (rule?.raiseAfterSeconds ?? 0) * 1000, clearAfterMs: watched ? rule.clearAfterSeconds * 1000 : 0 };
    const unseenSince = sinceLastMs !== null && sinceLastMs > longestPauseMs ? at : null;
    const { next, transition } = nextPhase(row === null ? null : phaseOf(row), condition !== null, at, window, unseenSince);
    if (row === null) {
      if (next !== null && condition !== null && rule !== undefined) await this.#begin(condition, rule, next);
      return;
    }
    if (next === null && transition === null) {
      await dropAlert(this.#trx, row.id);
      return;
    }
    await this.#follow(row, condition, rule, next, transition);
  }

  async #begin(condition: Condition, { title, severity }: AlertRule, phase: AlertPhase): Promise<void> {
    const { rule, subject, nodeId, message, value, threshold } = condition;
    const row = { id: randomUUID(), rule, subject, node_id: nodeId, severity, title, message, value, threshold, since: new Date(phase.since), raised_at: raisedAt(phase) };
    await insertAlert(this.#trx, row);
    if (row.raised_at === null) return;
    await this.#raised({
      ...row, gone_since: null, cleared_at: null, acknowledged_at: null, acknowledged_by: null, acknowledgement: null, told_at: null,
    });
  }

  async #follow(row: AlertRow, condition: Condition | null, rule: AlertRule | undefined, next: AlertPhase | null, transition: 'raised' | 'cleared' | null): Promise<void> {
    const { at } = this.#evaluation;
    const after: AlertRow = {
      ...row,
      ...(condition === null ? {} : { message: condition.message, value: condition.value, threshold: condition.threshold }),
      ...(rule === undefined || transition === 'cleared' ? {} : { severity: rule.severity }),
      ...(next === null ? { cleared_at: new Date(at) } : { since: new Date(next.since), raised_at: raisedAt(next), gone_since: next.phase === 'fading' ? new Date(next.goneSince) : null }),
    };
    const change = changed(row, after);
    if (change !== null) await updateAlert(this.#trx, row.id, change);
    if (transition === 'raised') await this.#raised(after);
    else if (transition === 'cleared') await this.#cleared(after);
    // a mute has ended while it was open
    else if (after.raised_at !== null && after.told_at === null) await this.#tellRaised(after);
  }

  async #raised(row: AlertRow): Promise<void> {
    const alert = alertOf(row, this.#mutes);
    this.#publish('alert.raised', alert, `${alert.title}: ${alert.message}`);
    await this.#tellRaised(row);
  }

  async #tellRaised(row: AlertRow): Promise<void> {
    const alert = alertOf(row, this.#mutes);
    if (alert.mutedUntil !== null) return;
    await this.#tell('raised', alert);
    await updateAlert(this.#trx, row.id, { told_at: new Date(this.#evaluation.at) });
  }

  async #cleared(row: AlertRow): Promise<void> {
    const alert = alertOf(row, this.#mutes);
    this.#publish('alert.cleared', alert, `Over: ${alert.title}: ${alert.message}`);
    // whoever was told that it began is told that it is over, muted or not
    if (row.told_at !== null) await this.#tell('cleared', alert);
  }

  async #tell(event: AlertEvent, alert: ClusterAlert): Promise<void> {
    const { cluster, at } = this.#evaluation;
    await enqueue(this.#trx, messagesFor(this.#webhooks, event, alert, cluster, new Date(at)));
  }

  #publish(type: 'alert.raised' | 'alert.cleared', alert: ClusterAlert, message: string): void {
    const { id, rule, subject, severity, value, threshold, mutedUntil } = alert;
    this.events.push({ type, nodeId: alert.nodeId, message, detail: { alertId: id, rule, subject, severity, value, threshold, muted: mutedUntil !== null } });
  }
}

function phaseOf({ since, raised_at: raised, gone_since: gone }: AlertRow): AlertPhase {
  if (raised === null) return { phase: 'pending', since: since.getTime() };
  if (gone === null) return { phase: 'open', since: since.getTime(), raisedAt: raised.getTime() };
  return { phase: 'fading', since: since.getTime(), raisedAt: raised.getTime(), goneSince: gone.getTime() };
}

function raisedAt(phase: AlertPhase): Date | null {
  return phase.phase === 'pending' ? null : new Date(phase.raisedAt);
}

const followed = ['since', 'raised_at', 'gone_since', 'cleared_at', 'message', 'value', 'threshold', 'severity'] as const;

/** What has to be written: nothing, most of the time. */
function changed(before: AlertRow, after: AlertRow): Pick<AlertRow, (typeof followed)[number]> | null {
  const same = followed.every((column) => before[column]?.valueOf() === after[column]?.valueOf());
  if (same) return null;
  const { since, raised_at, gone_since, cleared_at, message, value, threshold, severity } = after;
  return { since, raised_at, gone_since, cleared_at, message, value, threshold, severity };
}
