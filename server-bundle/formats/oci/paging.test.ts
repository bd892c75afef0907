import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inListOrder, nextLink, pageOf, pageSize } from './paging.ts';

it('pages are the whole list, in its order, whatever their size', () => {
  fc.assert(fc.property(fc.uniqueArray(fc.string({ minLength: 1 })), fc.integer({ min: 1, max: 7 }), (list, n) => {
    const sorted = list.sort(inListOrder);
    const seen: string[] = [];
    let last: string | undefined;
    for (;;) {
      const { entries, next } = pageOf(sorted, n, last, 5);
      seen.push(...entries);
      if (next === null) break;
      last = next;
    }
    expect(seen).toEqual(sorted);
  }));
});

it('case does not count, until nothing else is left', () => {
  expect(['b', 'B', 'a', 'Z', '_x', '1.0'].sort(inListOrder)).toEqual(['1.0', '_x', 'a', 'B', 'b', 'Z']);
  expect(pageOf(['a', 'B', 'b', 'Z'], 2, 'B', 10)).toEqual({ entries: ['b', 'Z'], next: null });
});

it('none is wanted: none is given, and there is nowhere to go on', () => {
  expect(pageOf(['a', 'b'], 0, undefined, 10)).toEqual({ entries: [], next: null });
});

it('links and sizes', () => {
  expect(nextLink('/v2/r/a/tags/list', 2, 'x&y')).toBe('</v2/r/a/tags/list?n=2&last=x%26y>; rel="next"');
  expect([pageSize(undefined), pageSize('0'), pageSize('12')]).toEqual([null, 0, 12]);
  for (const bad of ['-1', 'x', '', '1.5', '1e9']) expect(() => pageSize(bad)).toThrow(expect.objectContaining({ code: 'PARAMETER_INVALID' }));
});
