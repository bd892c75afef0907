import { expect, test } from 'vitest';
import { largestPiece, PieceBuffers, smallestPiece } from './piece-buffers.ts';

const plenty = 10 * 1024 * 1024;

test('the same few buffers are used again, and no larger ones than are asked for', () => {
  const buffers = new PieceBuffers();
  const first = buffers.take(plenty, plenty);
  expect(first.length).toBe(largestPiece);
  expect(buffers.take(plenty, 1000).length).toBe(smallestPiece);
  expect(buffers.take(smallestPiece, plenty).length).toBe(smallestPiece);
  buffers.giveBack(first);
  expect(buffers.take(plenty, plenty) === first).toBe(true);
  buffers.drop(first);
  expect(buffers.take(plenty, plenty) === first).toBe(false);
});

test('ten thousand who give nothing back hold little more than the limit, and those who come later still get a buffer', () => {
  const most = 32 * 1024 * 1024;
  const buffers = new PieceBuffers(most, 8 * 1024 * 1024);
  const held = Array.from({ length: 10_000 }, () => buffers.take(plenty, plenty));
  expect(buffers.held).toBe(held.reduce((sum, { length }) => sum + length, 0));
  expect(buffers.held).toBeLessThan(most + 10_000 * smallestPiece);
  expect(new Set(held.slice(0, 30).map(({ length }) => length))).toEqual(new Set([largestPiece]));
  expect(held.at(-1)?.length).toBe(smallestPiece);
  for (const each of held) buffers.giveBack(each);
  expect(buffers.held).toBe(0);
});

test('what waits to be used again is limited', () => {
  const buffers = new PieceBuffers(64 * 1024 * 1024, 2 * largestPiece);
  const first = Array.from({ length: 5 }, () => buffers.take(plenty, plenty));
  for (const each of first) buffers.giveBack(each);
  const again = Array.from({ length: 5 }, () => buffers.take(plenty, plenty));
  expect(again.filter((each) => first.includes(each)).length).toBe(2);
});
