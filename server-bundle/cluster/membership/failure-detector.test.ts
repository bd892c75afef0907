import { expect, test } from 'vitest';
import type { MemberRow } from '../../metadata/heartbeat.ts';
import { FailureDetector } from './failure-detector.ts';

const member = (beat: string): MemberRow => ({ id: 'a', nodeId: 'a', url: '', state: 'serving', caching: false, rightNumber: 0, beat, ageMs: 60_000 });

/** Observes every 250 ms; resolves to the first moment at which the member counts as silent. */
function silentAt(detector: FailureDetector, from: number, to: number, beat: (at: number) => string): number | null {
  for (let at = from; at <= to; at += 250) if (detector.observe([member(beat(at))], at).length > 0) return at;
  return null;
}

test('silence is a heartbeat that stood still for a TTL of own observation, however old it was before', () => {
  expect(silentAt(new FailureDetector(3000, 250), 0, 10_000, () => 'same')).toBe(3000);
});

test('who moves is not silent', () => {
  expect(silentAt(new FailureDetector(3000, 250), 0, 20_000, (at) => String(Math.floor(at / 2500)))).toBeNull();
});

test('an observation with a hole begins anew: after an outage every heartbeat is old, and nobody is lost for it', () => {
  const detector = new FailureDetector(3000, 250);
  expect(silentAt(detector, 0, 2750, () => 'same')).toBeNull();
  expect(silentAt(detector, 60_000, 62_750, () => 'same')).toBeNull();
  expect(silentAt(detector, 63_000, 63_000, () => 'same')).toBe(63_000);
});

test('tells when the first one is due, so that nobody has to wait for a heartbeat more', () => {
  const detector = new FailureDetector(3000, 250);
  expect(detector.dueInMs(0)).toBeNull();
  detector.observe([member('same')], 100);
  detector.observe([member('same')], 2900);
  // after a hole it is watched anew
  expect(detector.dueInMs(2900)).toBe(3000);
  for (let at = 2900; at <= 5650; at += 250) detector.observe([member('same')], at);
  expect(detector.dueInMs(5650)).toBe(250);
  detector.observe([member('moved')], 5900);
  expect(detector.dueInMs(5900)).toBe(3000);
});
