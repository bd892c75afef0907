import type { FakePart } from './fake-part.ts';
import type { FakeWorld } from './fake-world.ts';

/** Balancers and what they are configured with. */
export function fakeBalancers(_world: FakeWorld): FakePart {
  return { answers: {}, streams: {} };
}
