import { expect, it } from 'vitest';
import { takeoverSentence } from './takeover-sentence.ts';

it.each([
  ['first', null, null, 'b is master of epoch 7, the first of this cluster'],
  ['hand-over', 'a', 21, 'b is master of epoch 7, 0.02 s after a handed over'],
  ['hand-over', 'a', null, 'b is master of epoch 7, which a handed over'],
  ['fail-over', 'a', 265.4, 'b is master of epoch 7, 0.27 s after the last sign of life of a'],
  ['expired', 'a', 3100, 'b is master of epoch 7, because the lease of a ran out'],
] as const)('says how a master came by %s from %s after %s ms', (cause, previousNodeId, gapMs, sentence) => {
  expect(takeoverSentence('b', { epoch: 7, cause, previousNodeId, gapMs })).toBe(sentence);
});
