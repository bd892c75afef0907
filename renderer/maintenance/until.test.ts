import { expect, it } from 'vitest';
import { fieldOf, momentOf, untilChoices } from './until.ts';

const now = new Date(2026, 10, 23, 22, 30).getTime();

it('offers ends that lie ahead, the last one at eight in the morning', () => {
  const choices = untilChoices(now);
  expect(choices.every(({ at }) => at > now)).toBe(true);
  expect(fieldOf(choices.at(-1)?.at ?? 0)).toBe('2026-11-24T08:00');
});

it('reads what a field holds, and refuses what makes no sense', () => {
  expect(momentOf('2026-11-24T08:00', now)).toEqual({ at: new Date(2026, 10, 24, 8, 0).getTime() });
  for (const wrong of ['', 'soon', '2026-11-23T22:30', '2027-11-24T08:00']) expect(momentOf(wrong, now)).toHaveProperty('problem');
});
