import { expect, test } from 'vitest';
import { candidateStepMs, nameHonouredMs, placeAmong, Succession } from './succession.ts';

const lease = (leaseId: string, releasedTo: string | null = null): { leaseId: string; releasedTo: string | null } => ({ leaseId, releasedTo });

test('whoever is named takes it at once, others only when it did not', () => {
  expect(new Succession('n2').waitMs(lease('l', 'n2'), 5, 0)).toBe(0);
  const other = new Succession('n3');
  expect(other.waitMs(lease('l', 'n2'), 0, 1000)).toBe(nameHonouredMs);
  expect(other.waitMs(lease('l', 'n2'), 0, 1000 + nameHonouredMs - 1)).toBe(1);
  expect(other.waitMs(lease('l', 'n2'), 0, 1000 + nameHonouredMs)).toBe(0);
});

test('where nobody is named, candidates take turns', () => {
  const turns = [0, 1, 2, 60].map((place) => new Succession('n').waitMs(lease('l'), place, 7));
  expect(turns).toEqual([0, candidateStepMs, 2 * candidateStepMs, nameHonouredMs]);
});

test('who let a lease go leaves that one to others, and takes the next one like anybody', () => {
  const succession = new Succession('n1');
  succession.letGo('first');
  expect(succession.waitMs(lease('first'), 0, 0)).toBe(nameHonouredMs);
  expect(succession.waitMs(lease('second'), 0, 1)).toBe(0);
});

test('the place counts members before it that serve and can be reached, without the former holder', () => {
  const members = [['a', 'serving'], ['b', 'draining'], ['c', 'serving'], ['d', 'serving'], ['e', 'serving'], ['f', 'serving']]
    .map(([id = '', state = '']) => ({ id, state: state === 'draining' ? 'draining' as const : 'serving' as const }));
  const linked = (id: string): boolean => id !== 'c';
  expect(placeAmong(members, 'e', 'd', linked)).toBe(1);
  expect(placeAmong(members, 'e', null, linked)).toBe(2);
  expect(placeAmong(members, 'a', 'd', linked)).toBe(0);
});
