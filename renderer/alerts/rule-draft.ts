import type { AlertRule, ArgsOf } from '../../electron/contract/index.ts';

/** A rule as the form holds it: numbers as they were typed. */
export interface RuleDraft { severity: AlertRule['severity']; threshold: string; raiseAfter: string; clearAfter: string }

export function draftOf(rule: AlertRule): RuleDraft {
  return { severity: rule.severity, threshold: rule.threshold === null ? '' : String(rule.threshold.value), raiseAfter: String(rule.raiseAfterSeconds), clearAfter: String(rule.clearAfterSeconds) };
}

type Change = Omit<ArgsOf<'alerts.setRule'>, 'clusterId' | 'rule'>;

const wholeSeconds = (typed: string): number | null => (/^\d{1,5}$/.test(typed.trim()) && Number(typed) <= 86_400 ? Number(typed) : null);

/** What the draft would change, or why it cannot be sent. An empty change is nothing to send. */
export function changeOf(rule: AlertRule, draft: RuleDraft): { change: Change } | { problem: string } {
  const raise = wholeSeconds(draft.raiseAfter);
  const clear = wholeSeconds(draft.clearAfter);
  if (raise === null || clear === null) return { problem: 'Seconds: a whole number from 0 to 86 400' };
  const change: Change = {};
  if (draft.severity !== rule.severity) change.severity = draft.severity;
  if (raise !== rule.raiseAfterSeconds) change.raiseAfterSeconds = raise;
  if (clear !== rule.clearAfterSeconds) change.clearAfterSeconds = clear;
  if (rule.threshold !== null) {
    const { min, max, unit, value } = rule.threshold;
    const typed = Number(draft.threshold.trim().replace(',', '.'));
    if (draft.threshold.trim() === '' || Number.isNaN(typed) || typed < min || typed > max) return { problem: `Limit: from ${min} to ${max} ${unit}` };
    if (typed !== value) change.threshold = typed;
  }
  return { change };
}

/** Takes everything that somebody has changed back to what the rule comes with. */
export const toDefaults: Change = { severity: null, enabled: null, threshold: null, raiseAfterSeconds: null, clearAfterSeconds: null };
