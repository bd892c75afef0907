import type { FakePart } from './fake-part.ts';
import type { FakeWorld } from './fake-world.ts';

/** Making LAN clusters. */
export function fakeLanClusters(_world: FakeWorld): FakePart {
  return { answers: {}, streams: {} };
}
