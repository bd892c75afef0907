import { expect, it } from 'vitest';
import { durabilityOf, roomFor } from './database-words.ts';

const safe = { fsync: true, synchronousCommit: 'on', synchronousStandbys: '', standbys: 0 };

it.each([
  [safe, 'ok'], [{ ...safe, fsync: false }, 'bad'], [{ ...safe, synchronousCommit: 'off' }, 'bad'], [{ ...safe, standbys: 1 }, 'warn'],
  [{ ...safe, standbys: 1, synchronousStandbys: 'one' }, 'ok'], [{ ...safe, standbys: 1, synchronousStandbys: 'one', synchronousCommit: 'local' }, 'warn'],
])('says what becomes of an acknowledged write: %j', (durability, tone) => {
  expect(durabilityOf(durability).tone).toBe(tone);
});

it('adds up what the nodes need', () => {
  expect(roomFor({ budget: 20, indispensable: 0, control: 2 }, 2, 5)).toEqual({ fits: true, text: '2 × (5 + 2) = 14 needed, 20 there' });
  expect(roomFor({ budget: 20, indispensable: 0, control: 2 }, 3, 5)).toEqual({ fits: false, text: '3 × (5 + 2) = 21 needed, 20 there: 1 short' });
});
