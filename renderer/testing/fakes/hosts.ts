import type { FakePart } from './fake-part.ts';
import type { FakeWorld } from './fake-world.ts';

/** Hosts, their keys and their checks. */
export function fakeHosts(_world: FakeWorld): FakePart {
  return { answers: {}, streams: {} };
}
