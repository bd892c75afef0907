import { describe, expect, it } from 'vitest';
import { alertCount, alertState, emptyWords, isChanged, secondsWords } from './alert-words.ts';

const alert = { severity: 'bad' as const, acknowledged: null, mutedUntil: null, clearedAt: null };
const taken = { by: 'ida', at: '2026-11-23T10:00:00Z', note: '' };

describe('an alert', () => {
  it('is as loud as its severity until somebody has it, or it is muted or over', () => {
    expect(alertState(alert)).toEqual({ word: 'bad', tone: 'bad' });
    expect(alertState({ ...alert, severity: 'warning' }).tone).toBe('warn');
    expect(alertState({ ...alert, acknowledged: taken }).word).toBe('acknowledged');
    expect(alertState({ ...alert, acknowledged: taken, mutedUntil: taken.at }).word).toBe('muted');
    expect(alertState({ ...alert, clearedAt: taken.at }).word).toBe('over');
  });
  it('is counted in the header only while it calls for somebody', () => {
    const counts = { bad: 0, warning: 0, acknowledged: 3, muted: 2 };
    expect(alertCount(null)).toBeNull();
    expect(alertCount(counts)).toBeNull();
    expect(alertCount({ ...counts, warning: 1 })).toEqual({ word: '1 alert', tone: 'warn' });
    expect(alertCount({ ...counts, bad: 1, warning: 1 })).toEqual({ word: '2 alerts, 1 bad', tone: 'bad' });
    expect(alertCount({ ...counts, bad: 1 })?.word).toBe('1 alert, bad');
  });
});

it('calls an empty list "all well" only where the master has looked', () => {
  const trust = { clusterId: 'a', name: 'a', freshness: 'live' as const, evaluatedAt: '2026-11-23T10:00:00Z', problem: null };
  expect(emptyWords(trust).sure).toBe(true);
  expect(emptyWords(null).sure).toBe(false);
  expect(emptyWords({ ...trust, freshness: 'stale' }).sure).toBe(false);
  expect(emptyWords({ ...trust, problem: 'no node answers' })).toMatchObject({ sure: false, text: 'no node answers' });
});

it('says a length in the unit it is whole in', () => {
  expect([0, 15, 90, 300, 7200].map(secondsWords)).toEqual(['at once', '15 s', '90 s', '5 min', '2 h']);
});

it('knows a changed rule by any of its parts', () => {
  const rule = { rule: 'disk', title: '', description: '', severity: 'warning' as const, enabled: true, threshold: { value: 90, unit: '%', min: 1, max: 100 }, raiseAfterSeconds: 60, clearAfterSeconds: 120, defaults: { severity: 'warning' as const, enabled: true, threshold: 90, raiseAfterSeconds: 60, clearAfterSeconds: 120 } };
  expect(isChanged(rule)).toBe(false);
  expect(isChanged({ ...rule, threshold: { ...rule.threshold, value: 85 } })).toBe(true);
  expect(isChanged({ ...rule, clearAfterSeconds: 60 })).toBe(true);
});
