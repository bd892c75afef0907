import { expect, it } from 'vitest';
import type { EpochEntry } from '../../electron/contract/index.ts';
import { epochLength, timelineOf } from './timeline.ts';

const now = Date.parse('2026-11-23T12:00:00.000Z');
const entry = (epoch: number, minutesAgo: number, endedMinutesAgo: number | null): EpochEntry => ({
  epoch, nodeId: `node-${epoch}`, incarnation: String(epoch), previousNodeId: null, cause: 'fail-over', gapMs: 700,
  since: new Date(now - minutesAgo * 60_000).toISOString(), endedAt: endedMinutesAgo === null ? null : new Date(now - endedMinutesAgo * 60_000).toISOString(),
});

it('measures an epoch until its end, or until now', () => {
  expect(epochLength(entry(1, 10, 4), now)).toBe(360_000);
  expect(epochLength(entry(1, 10, null), now)).toBe(600_000);
  expect(epochLength(entry(1, -1, null), now)).toBe(0);
});

it('is proportional, oldest first, and fills the bar', () => {
  const spans = timelineOf([entry(2, 30, null), entry(1, 90, 30)], now);
  expect(spans.map(({ epoch }) => epoch)).toEqual([1, 2]);
  expect(spans[0]?.width).toBeCloseTo(66.67, 1);
  expect(spans[1]?.present).toBe(true);
});

it('keeps the shortest epoch visible without growing beyond the bar', () => {
  const spans = timelineOf([entry(3, 0.001, null), entry(2, 0.002, 0.001), entry(1, 1000, 0.002)], now);
  expect(Math.min(...spans.map(({ width }) => width))).toBeGreaterThanOrEqual(1.19);
  expect(spans.reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(100, 5);
});

it('shows the time without a master as what it is, and ends the last epoch where its master was lost', () => {
  const lostAt = now - 10 * 60_000;
  const spans = timelineOf([entry(1, 40, null)], now, lostAt);
  expect(spans).toMatchObject([{ epoch: 1, present: false, width: 75 }, { epoch: null, cause: 'none', left: 75, width: 25 }]);
  expect(epochLength(entry(1, 40, null), lostAt)).toBe(30 * 60_000);
});

it('shows no such time once the next master is known', () => {
  expect(timelineOf([entry(2, 5, null), entry(1, 40, 5)], now).every(({ epoch }) => epoch !== null)).toBe(true);
});
