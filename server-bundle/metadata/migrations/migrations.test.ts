import { expect, it } from 'vitest';
import { schemaVersion } from '../../contract/index.ts';
import { migrations } from './index.ts';

it('are numbered without holes, and the contract names the highest', () => {
  expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, index) => index + 1));
  expect(migrations.at(-1)?.number).toBe(schemaVersion);
});

it('serve bundles that know less, down to what each names', () => {
  for (const { number, servesFrom } of migrations) expect(servesFrom).toBeLessThanOrEqual(number);
});
