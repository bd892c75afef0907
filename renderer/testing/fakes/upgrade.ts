import type { FakePart } from './fake-part.ts';
import type { FakeWorld } from './fake-world.ts';

/** Upgrades, maintenance and removal. */
export function fakeUpgrade(_world: FakeWorld): FakePart {
  return { answers: {}, streams: {} };
}
