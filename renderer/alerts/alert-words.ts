import type { Alert, AlertPicture, AlertRule } from '../../electron/contract/index.ts';
import type { StateWord, Tone } from '../format/states.ts';
import { countOf } from '../format/numbers.ts';

/** How loud an alert is now: one that somebody has taken over, or that is muted, calls nobody. */
export function alertState(alert: Pick<Alert, 'severity' | 'acknowledged' | 'mutedUntil' | 'clearedAt'>): StateWord {
  if (alert.clearedAt !== null) return { word: 'over', tone: 'off' };
  if (alert.mutedUntil !== null) return { word: 'muted', tone: 'off' };
  if (alert.acknowledged !== null) return { word: 'acknowledged', tone: 'neutral' };
  return severityState(alert.severity);
}

export function severityState(severity: Alert['severity']): StateWord {
  return severity === 'bad' ? { word: 'bad', tone: 'bad' } : { word: 'warning', tone: 'warn' };
}

/** The count for the header: "2 alerts, 1 bad"; null while there is nothing that calls for anybody. */
export function alertCount(counts: AlertPicture['counts'] | null): { word: string; tone: Tone } | null {
  if (counts === null || counts.bad + counts.warning === 0) return null;
  const all = countOf(counts.bad + counts.warning, 'alert');
  if (counts.bad === 0) return { word: all, tone: 'warn' };
  return { word: counts.warning === 0 ? `${all}, bad` : `${all}, ${counts.bad} bad`, tone: 'bad' };
}

/** What an empty list means: "all well" only where the cluster's master has looked lately. */
export function emptyWords(trust: AlertPicture['clusters'][number] | null): { title: string; text: string; sure: boolean } {
  if (trust === null) return { title: 'Nothing has been heard of this cluster', text: 'Alerts appear as soon as its master answers.', sure: false };
  if (trust.problem !== null || trust.freshness !== 'live') return { title: 'Nothing newer is known', text: trust.problem ?? 'The master has not evaluated its rules lately: this is no “all well”.', sure: false };
  return { title: 'All well', text: 'The master finds no rule broken. What is over stands in the history.', sure: true };
}

/** A length in seconds as an engineer writes it: "30 s", "5 min", "2 h". */
export function secondsWords(seconds: number): string {
  if (seconds === 0) return 'at once';
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

/** Whether somebody has changed the rule. */
export function isChanged(rule: AlertRule): boolean {
  const { defaults } = rule;
  return rule.severity !== defaults.severity || rule.enabled !== defaults.enabled || (rule.threshold?.value ?? null) !== defaults.threshold
    || rule.raiseAfterSeconds !== defaults.raiseAfterSeconds || rule.clearAfterSeconds !== defaults.clearAfterSeconds;
}
