import fc from 'fast-check';
import { describe as suite, expect, test } from 'vitest';
import { explain, shrink, withoutAnswer } from './counterexample.ts';
import type { Action, Entry } from './history.ts';
import { happened, stormy } from './happened.ts';
import { checkHistory, groupsOf } from './registers.ts';

const entry = (start: number, end: number | null, action: Action): Entry => ({ start, end, action, client: 0, via: 'n1', answer: '' });
const put = (start: number, end: number | null, value: string, path = 'a'): Entry => entry(start, end, { kind: 'put', path, value });
const read = (start: number, end: number | null, value: string | null, path = 'a'): Entry => entry(start, end, { kind: 'read', path, value });
const remove = (start: number, end: number | null, existed?: boolean, path = 'a'): Entry =>
  entry(start, end, existed === undefined ? { kind: 'delete', path } : { kind: 'delete', path, existed });
const move = (start: number, end: number | null, moved?: boolean, path = 'a', to = 'b'): Entry =>
  entry(start, end, moved === undefined ? { kind: 'move', path, to } : { kind: 'move', path, to, moved });
const good = (history: readonly Entry[], limit?: number): boolean => checkHistory(history, limit).every(({ linearizable }) => linearizable);

suite('histories that some order explains', () => {
  test.each<[string, Entry[]]>([
    ['nothing at all', []],
    ['a read of what was put', [put(0, 1, 'x'), read(2, 3, 'x')]],
    ['a read during a put sees the old or the new', [put(0, 1, 'x'), put(2, 6, 'y'), read(3, 4, 'x'), read(4.5, 5, 'y')]],
    ['overlapping puts in the other order', [put(0, 5, 'x'), put(1, 4, 'y'), read(6, 7, 'x')]],
    ['an unknown put that took effect late', [put(0, 1, 'x'), put(2, null, 'y'), read(3, 4, 'x'), read(9, 10, 'y')]],
    ['an unknown put that never took effect', [put(0, 1, 'x'), put(2, null, 'y'), read(3, 4, 'x')]],
    ['an unknown put that explains a delete', [put(0, null, 'x'), remove(2, 3, true), read(4, 5, null)]],
    ['an unknown delete', [put(0, 1, 'x'), remove(2, null), read(3, 4, 'x'), read(5, 6, null)]],
    ['a delete of nothing', [remove(0, 1, false), put(2, 3, 'x')]],
    ['a move carries what stood there', [put(0, 1, 'x'), move(2, 3, true), read(4, 5, 'x', 'b'), read(4, 5, null)]],
    ['an unknown move', [put(0, 1, 'x'), move(2, null), read(3, 4, 'x'), read(5, 6, 'x', 'b'), read(5, 6, null)]],
    ['an unknown delete that a read sees while another put is under way', [put(0, 1, 'x'), remove(2, null), put(3, 6, 'y'), read(4, 7, null), read(8, 9, 'y')]],
    ['reads without an answer say nothing', [put(0, 1, 'x'), read(2, null, 'never')]],
  ])('%s', (_, history) => {
    expect(good(history)).toBe(true);
  });
});

suite('histories that no order explains', () => {
  test.each<[string, Entry[]]>([
    ['a lost write', [put(0, 1, 'x'), read(2, 3, null)]],
    ['a stale read', [put(0, 1, 'x'), put(2, 3, 'y'), read(4, 5, 'x')]],
    ['new on one node, old on another afterwards', [put(0, 1, 'x'), put(2, 9, 'y'), read(3, 4, 'y'), read(5, 6, 'x')]],
    ['a value from nowhere', [put(0, 1, 'x'), read(2, 3, 'z')]],
    ['a value before its put began', [read(0, 1, 'x'), put(2, 3, 'x')]],
    ['a replayed write that comes back', [put(0, 1, 'x'), put(2, 3, 'y'), read(4, 5, 'y'), read(6, 7, 'x')]],
    ['an unknown put that takes effect twice', [put(0, null, 'x'), read(1, 2, 'x'), put(3, 4, 'y'), read(5, 6, 'x')]],
    ['a deleted file that is there again', [put(0, 1, 'x'), remove(2, 3, true), read(4, 5, 'x')]],
    ['a delete of nothing where something stood', [put(0, 1, 'x'), remove(2, 3, false)]],
    ['a move that leaves the source', [put(0, 1, 'x'), move(2, 3, true), read(4, 5, 'x')]],
    ['a move that loses the content', [put(0, 1, 'x'), move(2, 3, true), read(4, 5, null, 'b')]],
    ['a move that is half visible', [put(0, 1, 'x'), move(2, 9, true), read(3, 4, 'x', 'b'), read(5, 6, 'x')]],
  ])('%s', (_, history) => {
    expect(good(history)).toBe(false);
  });
});

suite('long histories', () => {
  // work is counted, not timed: the machine may be busy with something else
  test.each([[0.04, 30_000], [0.15, 500_000], [0.3, 500_000]])('a share of %d with unknown outcome is decided with bounded work', (share, limit) => {
    const history = happened(815, { operations: 12_000, paths: 20, clients: 16, unknowns: share });
    expect(history.filter(({ end }) => end === null).length).toBeGreaterThan(300);
    expect(good(history, limit)).toBe(true);
  });

  test('12,000 operations on 20 paths by 16 clients are decided with little work, and accepted', () => {
    expect(good(happened(4711, { operations: 12_000, paths: 20, clients: 16 }), 5000)).toBe(true);
  });

  test('storms of lost answers among moves and copies are decided, and a stale read after one is found', () => {
    for (const seed of [1, 4]) {
      const history = stormy(seed);
      expect(history.filter(({ end }) => end === null).length).toBeGreaterThan(90);
      expect(good(history, 100_000)).toBe(true);
    }
    const history = stormy(1);
    const first = history.find(({ action, end }) => action.kind === 'put' && action.path === 'p0' && end !== null)!.action;
    const last = history.findLast(({ action, end }) => action.kind === 'read' && action.path === 'p0' && action.value !== null && end !== null)!;
    history[history.indexOf(last)] = { ...last, action: { kind: 'read', path: 'p0', value: first.kind === 'put' ? first.value : null } };
    expect(checkHistory(history).map(({ paths, linearizable, undecided }) => [paths.join(), linearizable, undecided]))
      .toEqual([['p0,p1', false, null], ['p2,p3', true, null]]);
  });

  test('a search that is given up says so, and calls the history neither good nor bad', () => {
    const [verdict] = checkHistory(happened(4711, { operations: 1000, paths: 1, clients: 16 }), 10);
    expect([verdict?.linearizable, verdict?.undecided]).toEqual([false, expect.stringContaining('undecided after 10 situations')]);
    expect(explain(verdict!, 42)).toContain('undecided');
  });

  test('one stale read among 12,000 operations is found, and explained in a few lines', () => {
    const history = happened(42, { operations: 12_000, paths: 20, clients: 16 });
    const index = history.findIndex(({ action, end }, at) => at > 6000 && action.kind === 'read' && action.value !== null && end !== null);
    const found = history[index]!;
    const older = history.find(({ action }) => action.kind === 'put' && action.path === found.action.path)!.action;
    history[index] = { ...found, action: { kind: 'read', path: found.action.path, value: older.kind === 'put' ? older.value : null } };
    const bad = checkHistory(history).filter(({ linearizable }) => !linearizable);
    expect(bad).toHaveLength(1);
    const small = shrink(bad[0]!);
    expect(small.length).toBeLessThan(bad[0]!.entries.length / 2);
    expect(explain(bad[0]!, 42)).toContain('BULKHEAD_CHAOS_SEED=42');
  });

  test('whatever really happened is accepted', () => {
    fc.assert(fc.property(fc.integer(), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 6 }), (seed, operations, clients) => {
      expect(good(happened(seed, { operations, paths: 4, clients }))).toBe(true);
    }), { numRuns: 200 });
  });

  const everything = { put: 4, read: 8, delete: 2, move: 1, copy: 1, list: 2 };

  test('whatever really happened is accepted, also when every third answer is lost', () => {
    fc.assert(fc.property(fc.integer(), fc.integer({ min: 5, max: 60 }), fc.boolean(), (seed, operations, storms) => {
      expect(good(happened(seed, { operations, paths: 2, clients: 6, unknowns: 0.3, storms, weights: everything }))).toBe(true);
    }), { numRuns: 1000 });
  });

  test('agrees with trying every order, on what really happened with one answer changed', () => {
    let refused = 0;
    fc.assert(fc.property(fc.integer(), fc.nat(), fc.constantFrom(everything, { put: 3, read: 4, delete: 2 }), (seed, which, weights) => {
      const history = happened(seed, { operations: 7, paths: 2, clients: 4, unknowns: 0.3, weights })
        .filter(({ action, end }) => end !== null || (action.kind !== 'read' && action.kind !== 'list'));
      const values = [null, ...history.flatMap(({ action }) => (action.kind === 'put' ? [action.value] : []))];
      const reads = history.filter(({ action, end }) => action.kind === 'read' && end !== null);
      const chosen = reads[which % Math.max(1, reads.length)];
      const changed = history.map((each) => (each !== chosen || each.action.kind !== 'read' ? each : { ...each, action: { ...each.action, value: values[which % values.length] ?? null } }));
      const expected = byHand(changed);
      if (!expected) refused += 1;
      expect(good(changed)).toBe(expected);
    }), { numRuns: 2000 });
    expect(refused).toBeGreaterThan(200);
  });
});

/** Every order that respects real time, tried one by one: slow and obviously right. */
function byHand(history: readonly Entry[], state: Readonly<Record<string, string>> = {}): boolean {
  if (history.every(({ end }) => end === null)) return true;
  return history.some((candidate) => {
    const rest = history.filter((each) => each !== candidate);
    if (rest.some(({ end }) => end !== null && end < candidate.start)) return false;
    const { action } = candidate;
    const present = state[action.path];
    const { [action.path]: _, ...without } = state;
    switch (action.kind) {
      case 'put': return byHand(rest, { ...state, [action.path]: action.value });
      case 'read': return candidate.end === null || ((present ?? null) === action.value && byHand(rest, state));
      case 'delete': return (action.existed ?? present !== undefined) === (present !== undefined) && byHand(rest, without);
      case 'move': return (action.moved ?? present !== undefined) === (present !== undefined) &&
        byHand(rest, present === undefined ? state : { ...without, [action.to]: present });
      case 'copy': return (action.copied ?? present !== undefined) === (present !== undefined) &&
        byHand(rest, present === undefined ? state : { ...state, [action.to]: present });
      case 'list': return action.listed === (present !== undefined) && byHand(rest, state);
    }
  });
}

test('agrees with trying every order, on small histories of all kinds', () => {
  const time = fc.tuple(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 9 }));
  const path = fc.constantFrom('p0', 'p1');
  const action = fc.oneof(
    fc.record({ kind: fc.constant('put' as const), path, value: fc.constantFrom('x', 'y') }),
    fc.record({ kind: fc.constant('read' as const), path, value: fc.constantFrom('x', 'y', null) }),
    fc.record({ kind: fc.constant('delete' as const), path, existed: fc.boolean() }),
    fc.record({ kind: fc.constant('move' as const), path: fc.constant('p0'), to: fc.constant('p1'), moved: fc.boolean() }),
    fc.record({ kind: fc.constant('copy' as const), path: fc.constant('p1'), to: fc.constant('p0'), copied: fc.boolean() }),
    fc.record({ kind: fc.constant('list' as const), path, listed: fc.boolean() }),
  );
  const history = fc.array(fc.tuple(time, action), { maxLength: 7 }).map((items) => items
    .map(([[start, length, luck], what]) => (luck < 3 && what.kind !== 'read' && what.kind !== 'list' ? entry(start, null, withoutAnswer(what)) : entry(start, start + length, what))));
  let refused = 0;
  fc.assert(fc.property(history, (entries) => {
    const expected = byHand(entries);
    if (!expected) refused += 1;
    expect(good(entries)).toBe(expected);
  }), { numRuns: 3000 });
  expect(refused).toBeGreaterThan(100);
});

test('a move ties its two paths together', () => {
  expect(groupsOf([put(0, 1, 'x', 'c'), move(0, 1, true, 'a', 'b'), put(0, 1, 'y', 'b')])).toEqual([['c'], ['a', 'b']]);
});
