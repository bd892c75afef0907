import { describe, expect, it } from 'vitest';
import { asFailure, factsOf, logLinesOf } from './failures.ts';
import { countOf, formatBytes, formatCount, formatRate } from './numbers.ts';
import { nodeState, servingSummary } from './states.ts';
import { formatAge, formatDuration, formatMoment } from './times.ts';

const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ');

describe('numbers', () => {
  it.each([[0, '0'], [999, '999'], [4180, '4 180'], [1_234_567, '1 234 567'], [-1200, '−1 200']])('groups %d', (value, shown) => {
    expect(plain(formatCount(value))).toBe(shown);
  });
  it.each([[0, '0'], [0.04, '0.0'], [3.24, '3.2'], [9.96, '10'], [4180.4, '4 180']])('shows a rate of %d', (value, shown) => {
    expect(plain(formatRate(value))).toBe(shown);
  });
  it.each([[0, '0 B'], [999, '999 B'], [1000, '1.0 kB'], [999_600, '1.0 MB'], [184_000_000, '184 MB'], [1.8e12, '1.8 TB'], [41.3e9, '41 GB']])('shows %d bytes', (value, shown) => {
    expect(plain(formatBytes(value))).toBe(shown);
  });
  it('counts one and many', () => {
    expect([countOf(1, 'node'), countOf(3, 'node'), countOf(2, 'entry', 'entries')]).toEqual(['1 node', '3 nodes', '2 entries']);
  });
});

describe('times', () => {
  it.each([[0.42, '0.4 ms'], [184.4, '184 ms'], [999.6, '1.00 s'], [1240, '1.24 s'], [59_960, '1 min 00 s'], [124_000, '2 min 04 s'], [11_520_000, '3 h 12 min'], [1_051_200_000, '12 d 4 h']])('shows %d ms', (ms, shown) => {
    expect(plain(formatDuration(ms))).toBe(shown);
  });
  it.each([[-50, '0.0 s ago'], [400, '0.4 s ago'], [12_300, '12 s ago'], [59_999, '60 s ago'], [61_000, '1 min ago'], [7_200_000, '2 h ago']])('ages by %d ms', (ms, shown) => {
    expect(formatAge(ms)).toBe(shown);
  });
  it('keeps a length of time on one line', () => {
    for (const ms of [97_000, 11_520_000, 1_051_200_000, 184, 1240]) expect(formatDuration(ms)).not.toContain(' ');
  });
  it('names the day only when it is another one', () => {
    const now = new Date(2026, 10, 23, 9, 0, 0).getTime();
    expect(formatMoment(now - 60_000, now)).toBe('today 08:59:00');
    expect(formatMoment(now - 10 * 3_600_000, now)).toBe('yesterday 23:00:00');
    expect(formatMoment(now - 20 * 86_400_000, now)).toBe('3 Nov 09:00:00');
  });
});

describe('states', () => {
  const node = (observed: 'serving' | 'draining' | 'unreachable', freshness: 'live' | 'unknown' = 'live', process: 'running' | 'frozen' | 'stopped' | null = null) =>
    ({ observed, freshness, process: process === null ? null : { state: process, pid: 1 } });

  it('never shows what is not known as healthy', () => {
    expect(nodeState(node('serving', 'unknown'))).toEqual({ word: 'unknown', tone: 'unknown' });
  });
  it('believes the process more than the last word of the node', () => {
    expect(nodeState(node('serving', 'live', 'frozen')).word).toBe('frozen');
    expect(nodeState(node('serving', 'unknown', 'stopped')).word).toBe('stopped');
  });
  it('counts in words', () => {
    expect(servingSummary([node('serving'), node('serving'), node('draining')])).toEqual({ word: '2 of 3 serving, 1 draining', tone: 'warn' });
    expect(servingSummary([node('unreachable')])).toEqual({ word: '0 of 1 serving, 1 unreachable', tone: 'bad' });
    expect(servingSummary([])).toEqual({ word: 'no nodes', tone: 'unknown' });
  });
});

describe('failures', () => {
  it('keeps code, hint and details of a coded error', () => {
    const error = Object.assign(new Error('The port is taken'), { code: 'PORT_IN_USE', hint: 'Choose another.', details: { port: 8080, lastLines: ['a', 'b'] } });
    const failure = asFailure(error);
    expect(failure).toMatchObject({ code: 'PORT_IN_USE', message: 'The port is taken', hint: 'Choose another.' });
    expect(logLinesOf(failure.details)).toEqual(['a', 'b']);
    expect(factsOf(failure.details)).toEqual([{ label: 'port', value: '8080' }]);
  });
  it('reads lists out, and does not show how they are kept', () => {
    expect(factsOf({ known: ['SHA256:a', 'SHA256:b'], each: [{ a: 1 }] })).toEqual([{ label: 'known', value: 'SHA256:a, SHA256:b' }, { label: 'each', value: '[{"a":1}]' }]);
  });
  it('makes something of anything', () => {
    expect(asFailure('odd')).toMatchObject({ code: 'INTERNAL', message: 'odd' });
    expect(logLinesOf(undefined)).toEqual([]);
  });
});
