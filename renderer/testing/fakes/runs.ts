import type { FakePart } from './fake-part.ts';
import type { FakeWorld } from './fake-world.ts';

/** Runs on hosts. */
export function fakeRuns(_world: FakeWorld): FakePart {
  return { answers: {}, streams: {} };
}
