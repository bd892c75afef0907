import type { FakePart } from './fake-part.ts';
import type { FakeWorld } from './fake-world.ts';

/** Alerts, rules and webhooks. */
export function fakeAlerts(_world: FakeWorld): FakePart {
  return { answers: {}, streams: {} };
}
