import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextPhase, type AlertPhase, type Hysteresis } from './alert-phase.ts';

interface Look { readonly at: number; readonly present: boolean; readonly unseen: boolean }

/** Runs of a condition, each seen for a while at the pace of the evaluations, now and then with a pause in which nobody looks. */
const looks = fc.array(fc.record({
  present: fc.boolean(),
  steps: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 }),
  pause: fc.option(fc.integer({ min: 41, max: 500 }), { freq: 5 }),
}), { maxLength: 30 }).map((runs) => {
  const list: Look[] = [];
  let at = 0;
  for (const { present, steps, pause } of runs) {
    if (pause !== null) at += pause;
    for (const [index, step] of steps.entries()) {
      at += step;
      list.push({ at, present, unseen: index === 0 && pause !== null });
    }
  }
  return list;
});
const rules = fc.record({ raiseAfterMs: fc.integer({ min: 0, max: 200 }), clearAfterMs: fc.integer({ min: 0, max: 200 }) });

interface Transition { readonly at: number; readonly kind: 'raised' | 'cleared'; readonly index: number }

function live(history: readonly Look[], rule: Hysteresis): { transitions: Transition[]; last: AlertPhase | null } {
  const transitions: Transition[] = [];
  let phase: AlertPhase | null = null;
  for (const [index, { at, present, unseen }] of history.entries()) {
    const { next, transition } = nextPhase(phase, present, at, rule, unseen ? at : null);
    if (transition !== null) transitions.push({ at, kind: transition, index });
    phase = next;
  }
  return { transitions, last: phase };
}

/** How long the condition had been as it is, without a pause, at the look with this index. */
function heldFor(history: readonly Look[], index: number): number {
  const wanted = history[index]!.present;
  let first = index;
  while (first > 0 && history[first - 1]!.present === wanted && !history[first]!.unseen) first -= 1;
  return history[index]!.at - history[first]!.at;
}

test('raised and cleared take turns, beginning with raised', () => {
  fc.assert(fc.property(looks, rules, (history, rule) => {
    const { transitions } = live(history, rule);
    expect(transitions.map(({ kind }) => kind)).toEqual(transitions.map((_, index) => (index % 2 === 0 ? 'raised' : 'cleared')));
  }));
});

test('nothing is raised or cleared before its condition was watched for the whole window', () => {
  fc.assert(fc.property(looks, rules, (history, rule) => {
    for (const { kind, index } of live(history, rule).transitions) {
      expect(history[index]!.present).toBe(kind === 'raised');
      expect(heldFor(history, index)).toBeGreaterThanOrEqual(kind === 'raised' ? rule.raiseAfterMs : rule.clearAfterMs);
    }
  }));
});

test('whatever is watched for the whole window is raised, or cleared', () => {
  fc.assert(fc.property(looks, rules, (history, rule) => {
    const { transitions } = live(history, rule);
    for (const [index, { present }] of history.entries()) {
      const isOpen = transitions.filter((each) => each.index <= index).length % 2 === 1;
      if (present && heldFor(history, index) >= rule.raiseAfterMs) expect(isOpen).toBe(true);
      if (!present && heldFor(history, index) >= rule.clearAfterMs) expect(isOpen).toBe(false);
    }
  }));
});

test('it never flaps: two transitions lie at least the window of the later one apart', () => {
  fc.assert(fc.property(looks, rules, (history, rule) => {
    const { transitions } = live(history, rule);
    for (const [index, { at, kind }] of transitions.entries()) {
      const before = transitions[index - 1];
      if (before !== undefined) expect(at - before.at).toBeGreaterThanOrEqual(kind === 'raised' ? rule.raiseAfterMs : rule.clearAfterMs);
    }
  }));
});

test('a condition that comes and goes faster than the window stays silent, however long that lasts', () => {
  const history = Array.from({ length: 1000 }, (_, index): Look => ({ at: index * 10, present: index % 3 !== 0, unseen: false }));
  expect(live(history, { raiseAfterMs: 30, clearAfterMs: 30 }).transitions).toEqual([]);
});

test('the moment of first sight is kept', () => {
  const rule = { raiseAfterMs: 20, clearAfterMs: 10 };
  const seen = nextPhase(null, true, 100, rule);
  expect(seen).toEqual({ next: { phase: 'pending', since: 100 }, transition: null });
  const raised = nextPhase(seen.next, true, 125, rule);
  expect(raised).toEqual({ next: { phase: 'open', since: 100, raisedAt: 125 }, transition: 'raised' });
  const fading = nextPhase(raised.next, false, 130, rule);
  expect(fading).toEqual({ next: { phase: 'fading', since: 100, raisedAt: 125, goneSince: 130 }, transition: null });
  expect(nextPhase(fading.next, true, 135, rule)).toEqual({ next: raised.next, transition: null });
  expect(nextPhase(fading.next, false, 140, rule)).toEqual({ next: null, transition: 'cleared' });
});
