import { expect, test } from 'vitest';
import type { CollectionClaim } from '../filestore/index.ts';
import { objection } from './claim.ts';

const own: CollectionClaim = { line: 'a', systemIdentifier: '7', database: '16384', timeline: 2, epoch: 5, leaseId: 'mine' };
const found = (changes: Partial<CollectionClaim>): CollectionClaim => ({ ...own, ...changes });
const refused = (claim: CollectionClaim | 'unreadable' | null, supersedes: string | null = null): boolean => objection(claim, { claim: own, supersedes }) !== null;

test.each([
  ['nobody has claimed', null, false],
  ['its own', found({}), false],
  ['an earlier epoch', found({ epoch: 4, leaseId: 'other' }), false],
  ['an earlier timeline, whatever its epoch', found({ timeline: 1, epoch: 99, leaseId: 'other' }), false],
  ['a later epoch', found({ epoch: 6, leaseId: 'other' }), true],
  ['a later timeline, whatever its epoch', found({ timeline: 3, epoch: 1, leaseId: 'other' }), true],
  ['another master of the same epoch', found({ leaseId: 'other' }), true],
  ['another server', found({ systemIdentifier: '8', epoch: 1 }), true],
  ['another database of the server', found({ database: '16999', epoch: 1 }), true],
  ['another line', found({ line: 'b', epoch: 1 }), true],
  ['nothing that can be read', 'unreadable' as const, true],
])('%s', (_what, claim, expected) => {
  expect(refused(claim)).toBe(expected);
});

test('a confirmation replaces what was seen when it was given, and nothing else', () => {
  expect(refused(found({ line: 'b', systemIdentifier: '8', epoch: 99 }), 'b')).toBe(false);
  expect(refused(found({ line: 'c' }), 'b')).toBe(true);
  expect(refused('unreadable', 'unreadable')).toBe(false);
});
