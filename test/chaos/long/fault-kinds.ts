import type { TestNode } from '../../harness/cluster.ts';
import { databaseFaults } from './database-faults.ts';
import { proxied, type FaultKind } from './fault.ts';
import { filestoreFaults } from './filestore-faults.ts';
import type { Room } from './room.ts';

const needsLinks = (room: Room): string | null => (room.links.size === 0 ? 'links are not proxied' : null);

async function freeze(_room: Room, node: TestNode): Promise<() => Promise<void>> {
  node.freeze();
  return () => {
    node.thaw();
    return Promise.resolve();
  };
}

/** Every fault, by the name it has on the command line. A kind of fault is one entry here. */
export const faultKinds: Readonly<Record<string, FaultKind>> = {
  kill: {
    what: 'SIGKILL to a node', lasts: [200, 2500],
    async begin(room, node) {
      await node.kill();
      return () => room.start(node);
    },
  },
  freeze: { what: 'SIGSTOP for longer than the window of a cached answer', lasts: [1200, 2200], begin: freeze },
  'freeze-long': { what: 'SIGSTOP for longer than the lease', lasts: [4500, 7000], begin: freeze },
  restart: {
    what: 'a node drains, leaves and comes back', lasts: [0, 500],
    async begin(room, node) {
      await node.stop(60_000);
      return () => room.start(node);
    },
  },
  upgrade: {
    what: 'a node drains and comes back in another version: the next, or the one before', lasts: [0, 500],
    async begin(room, node) {
      await node.stop(60_000);
      return () => room.start(node, room.otherVersion(node));
    },
  },
  'node-cut': { what: 'connections to a node from the others are reset', lasts: [500, 5000], missing: needsLinks, begin: proxied((room) => room.links, (proxy) => { proxy.cut(); }) },
  'node-silent': { what: 'the network between a node and the others swallows everything', lasts: [500, 5000], missing: needsLinks, begin: proxied((room) => room.links, (proxy) => { proxy.hold(); }) },
  'balancer-cut': { what: 'connections between the balancer and a node are reset', lasts: [500, 5000], begin: proxied((room) => room.ways, (proxy) => { proxy.cut(); }) },
  'balancer-silent': { what: 'half-open: what the balancer and a node tell each other does not arrive', lasts: [500, 6000], begin: proxied((room) => room.ways, (proxy) => { proxy.hold(); }) },
  ...databaseFaults,
  ...filestoreFaults,
  clock: {
    what: 'the wall clock of a node jumps, by minutes or hours, and back', lasts: [300, 4000],
    missing: (room) => (room.setClock === null ? 'needs libfaketime' : null),
    async begin({ setClock }, node, random) {
      await setClock?.(node.nodeId, random.pick([-7200, -90, -2, 2, 90, 7200]));
      return async () => { await setClock?.(node.nodeId, 0); };
    },
  },
};
