import { describe, expect, it } from 'vitest';
import { against, alone, alternate } from '../framework/rounds.ts';
import { reached } from '../framework/row.ts';
import { quantileOf, spreadOf } from '../framework/statistics.ts';
import { chart } from './chart.ts';
import { resultsOf } from './document.ts';
import type { Measured } from './results.ts';

const atLeast = { sense: 'at least', value: 0.5 } as const;

describe('what is made of measurements', () => {
  it('takes medians of the ratios of each round, not ratios of medians', () => {
    const { ratio } = against('x', '/s', [10, 30, 80], 'peer', [10, 10, 100], atLeast);
    expect(ratio).toEqual({ median: 1, low: 0.8, high: 3, count: 3 });
    expect(spreadOf([4, 1, 3, 2]).median).toBe(2.5);
    expect(quantileOf([5, 1, 2, 3, 4], 0.99)).toBe(5);
  });

  it('holds a figure against its target in the right sense', () => {
    expect(reached(against('x', '/s', [4], 'peer', [10], atLeast))).toBe(false);
    expect(reached(against('x', '/s', [5], 'peer', [10], atLeast))).toBe(true);
    expect(reached(alone('x', 'MiB', [121], { sense: 'at most', value: 120 }))).toBe(false);
    expect(reached(alone('x', 'MiB', [121], null))).toBeNull();
  });

  it('measures each subject once a round, in changing order, and throws the first round away', async () => {
    const order: string[] = [];
    const subject = (name: string) => async (round: number): Promise<number> => {
      order.push(name);
      return round;
    };
    expect(await alternate({ a: subject('a'), b: subject('b') }, 2)).toEqual({ a: [0, 1], b: [0, 1] });
    expect(order.join('')).toBe('abbaab');
  });

  it('says what missed its target, in the document and the chart', () => {
    const row: Measured = {
      name: 'row', title: 'A row', quick: false, at: '2026-01-01T00:00:00.000Z', machine: 'a machine', loadBefore: 0, pinning: 'nothing is pinned', commit: 'abc',
      figures: [against('requests/s <against> peer', '/s', [4], 'peer', [10], atLeast)], notes: ['Because.'],
    };
    expect(resultsOf([row])).toContain('| requests/s <against> peer | 4.00 /s | 10.0 /s | 0.40 | ≥ 0.50 | **missed** |');
    expect(chart([row])).toContain('requests/s &lt;against&gt; peer');
    expect(chart([row])).toContain('class="short"');
  });
});
