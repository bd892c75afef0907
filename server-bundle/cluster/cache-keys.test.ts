import { expect, test } from 'vitest';
import { cacheKeys, firstKinds, laterKinds } from './cache-keys.ts';
import { meshFeatures } from './mesh/messages.ts';

test('every kind of key is one that all versions prepare, or one that waits until all members do', () => {
  const made = Object.values(cacheKeys).map((make) => (make as (...parts: unknown[]) => string)(1, 'x', 'full'));
  const kinds = new Set(made.map((key) => key.slice(0, key.indexOf(':'))));
  expect([...kinds].sort()).toEqual([...firstKinds, ...laterKinds].sort());
});

test('a member tells of every later kind', () => {
  expect(meshFeatures).toEqual(expect.arrayContaining(laterKinds.map((kind) => `cache:${kind}`)));
});
