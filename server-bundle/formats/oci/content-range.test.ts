import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseChunkRange, receivedRange } from './content-range.ts';

it('reads what it is given', () => {
  fc.assert(fc.property(fc.nat(), fc.nat(), fc.constantFrom('', 'bytes ', 'bytes='), fc.constantFrom('', '/*', '/123'), (start, more, unit, size) => {
    expect(parseChunkRange(`${unit}${String(start)}-${String(start + more)}${size}`)).toEqual({ start, end: start + more });
  }));
});

it.each(['', '-', '1-', '-1', '5-4', 'a-b', '1-2-3', '0-1 2', 'items 0-1', '1e3-2e3', '0x1-0x2', '9999999999999999-99999999999999999', '0.5-1'])('%s is no range', (text) => {
  expect(parseChunkRange(text)).toBeNull();
});

it('any text is a range or none', () => {
  fc.assert(fc.property(fc.string(), (text) => {
    const range = parseChunkRange(text);
    if (range !== null) expect(range.end).toBeGreaterThanOrEqual(range.start);
  }));
});

it('tells what has arrived', () => {
  expect([0, 1, 5, 1000].map(receivedRange)).toEqual(['0-0', '0-0', '0-4', '0-999']);
});
