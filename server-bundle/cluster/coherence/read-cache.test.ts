import { expect, test } from 'vitest';
import type { Reader } from '../ports.ts';
import { systemClock } from '../clock.ts';
import { Holds } from './holds.ts';
import { ReadCache } from './read-cache.ts';
import { CachingRight } from './right.ts';
import { allRules } from './rules.ts';

function cache(entries: number): ReadCache {
  const right = new CachingRight(systemClock, 60_000);
  right.begin(1);
  right.win();
  // these fills ask no database
  return new ReadCache({ entries, db: {} as Reader, holds: new Holds(), right, rules: allRules, mayAnswer: () => true });
}

test('large documents push each other out, small answers are counted', async () => {
  const many = cache(1000);
  for (let at = 0; at < 40; at += 1) await many.read(`npm:1/p${String(at)}/full`, async () => ({ bytes: Buffer.alloc(8 * 1024 * 1024), modifiedAt: new Date() }));
  expect(many.size).toBeGreaterThan(5);
  expect(many.size).toBeLessThan(25);
  const small = cache(500);
  for (let at = 0; at < 600; at += 1) await small.read(`artifact:1/${String(at)}`, async () => at);
  expect(small.size).toBe(500);
});
