import type { Maintenance } from '../../../electron/contract/index.ts';
import { wait, type FakePart } from './fake-part.ts';
import type { FakeWorld } from './fake-world.ts';

/** Maintenance, restarts, removal. */
export function fakeNodeWork(world: FakeWorld): FakePart {
  const resting = new Map<string, Maintenance>();
  const rest = (nodeId: string, until: number, note: string): Maintenance => {
    const entry: Maintenance = { clusterId: 'berlin', nodeId, hostId: `host-${nodeId}`, host: nodeId, until, note, by: 'ida on ops-7', since: Date.now(), observed: 'drained', mutedUntil: until, mutedNote: null };
    resting.set(nodeId, entry);
    world.lan.drain(nodeId);
    return entry;
  };
  if (world.scenario === 'lan') rest('art-3', Date.now() + 5_400_000, 'new memory modules');
  return {
    answers: {
      'maintenance.list': () => [...resting.values()],
      'maintenance.start': async ({ nodeId, until, note }) => {
        await wait(600);
        const entry = rest(nodeId, until, note ?? '');
        world.changed();
        return entry;
      },
      'maintenance.end': async ({ nodeId }) => {
        await wait(400);
        resting.delete(nodeId);
        world.lan.undrain(nodeId);
        world.changed();
        return {};
      },
      'nodes.forget': async ({ nodeId }) => {
        await wait(400);
        world.lan.remove(nodeId);
        world.changed();
        return {};
      },
    },
    streams: {},
  };
}
