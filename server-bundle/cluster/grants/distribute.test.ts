import fc from 'fast-check';
import { expect, test } from 'vitest';
import { budgetOf } from '../../metadata/grants.ts';
import { controlConnections, distribute } from './distribute.ts';

const shares = fc.array(fc.record({ minimum: fc.integer({ min: 1, max: 20 }), more: fc.integer({ min: 0, max: 40 }) }), { minLength: 1, maxLength: 8 })
  .map((each) => each.map(({ minimum, more }, index) => ({ incarnation: String(index), control: index % 2 === 0 ? controlConnections : 0, minimum, wanted: minimum + more })));

test('nobody gets less than the minimum or more than is wanted, the budget is kept, and used up as far as anybody wants', () => {
  fc.assert(fc.property(shares, fc.integer({ min: 0, max: 300 }), (all, budget) => {
    const targets = distribute(all, budget);
    const least = all.reduce((sum, share) => sum + share.minimum + controlConnections, 0);
    if (least > budget) {
      expect(targets).toBeNull();
      return;
    }
    const given = all.map((share) => targets?.get(share.incarnation) ?? 0);
    const total = given.reduce((sum, pool) => sum + pool + controlConnections, 0);
    expect(total).toBeLessThanOrEqual(budget);
    all.forEach((share, index) => {
      expect(given[index]).toBeGreaterThanOrEqual(share.minimum);
      expect(given[index]).toBeLessThanOrEqual(share.wanted);
    });
    if (total < budget) all.forEach((share, index) => { expect(given[index]).toBe(share.wanted); });
  }));
});

test('a short budget is shared evenly', () => {
  const three = ['a', 'b', 'c'].map((incarnation) => ({ incarnation, control: 2, minimum: 5, wanted: 20 }));
  expect([...distribute(three, 40)?.values() ?? []].sort()).toEqual([11, 11, 12]);
});

test('a CONNECTION LIMIT below the arithmetic is the budget, less the slots for starting', () => {
  const facts = { maxConnections: 100, superuserReserved: 3, reserved: 2, roleLimit: null, databaseLimit: null };
  expect(budgetOf(facts, 5)).toMatchObject({ kept: 7, budget: 88, limitedBy: null });
  expect(budgetOf({ ...facts, roleLimit: 40, databaseLimit: 30 }, 5)).toMatchObject({ budget: 28, limitedBy: { what: 'database', limit: 30 } });
  expect(budgetOf({ ...facts, roleLimit: 500 }, 5)).toMatchObject({ budget: 88, limitedBy: null });
});
