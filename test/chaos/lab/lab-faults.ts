import type { LanNodes } from '../../lab/lan-cluster.ts';
import type { Strike } from '../long/inflict.ts';

export interface LabNode { readonly nodeId: string }
export interface LabFault extends Strike<LabNode> { readonly what: string }

/** What happens to real hosts on real wires, by its name on the command line. */
export function labFaults({ lab, names }: Pick<LanNodes, 'lab' | 'names'>): Readonly<Record<string, LabFault>> {
  const others = (nodeId: string): string[] => names.filter((name) => name !== nodeId).map((name) => lab.host(name).address);
  const [database] = lab.databaseHosts;
  if (database === undefined) throw new Error('the database is no host of the lab');
  /** Nothing passes between the node's host and these any more, in either direction. */
  const without = (what: string, from: (nodeId: string) => string[], lasts: Strike<LabNode>['lasts']): LabFault => ({
    what, lasts,
    async begin({ nodeId }) {
      const host = lab.host(nodeId);
      const addresses = from(nodeId);
      await host.cutFrom(...addresses);
      return () => host.reconnectTo(...addresses);
    },
  });
  return {
    'node-kill': {
      what: 'SIGKILL to a node; its service manager starts it again', lasts: [200, 2500],
      async begin({ nodeId }) {
        (await lab.host(nodeId).killerOf('bulkhead-node.service'))();
        return () => Promise.resolve();
      },
    },
    power: {
      what: 'the host of a node loses its power, and boots', lasts: [500, 6000],
      async begin({ nodeId }) {
        await lab.host(nodeId).losePower();
        return () => lab.host(nodeId).boot();
      },
    },
    'cut-off': {
      what: 'the link of a node\'s host is down', lasts: [500, 7000],
      async begin({ nodeId }) {
        await lab.host(nodeId).cutOff();
        return () => lab.host(nodeId).reconnect();
      },
    },
    frozen: {
      what: 'nothing runs on a node\'s host for longer than the window of a cached answer, or than the lease', lasts: [1200, 6000],
      begin({ nodeId }) {
        lab.host(nodeId).freeze();
        return Promise.resolve(() => { lab.host(nodeId).thaw(); return Promise.resolve(); });
      },
    },
    'cut-from-database': without('nothing passes between a node\'s host and the database', () => [lab.databaseAddress], [500, 6000]),
    'cut-from-nodes': without('nothing passes between a node\'s host and the other nodes', others, [500, 6000]),
    alone: without('a node\'s host hears neither the database nor the other nodes; its clients still reach it', (nodeId) => [lab.databaseAddress, ...others(nodeId)], [500, 6000]),
    'database-power': {
      what: 'the host of the database loses its power, and boots', lasts: [0, 3000], shared: 'database',
      async begin() {
        await database.host.losePower();
        return () => database.host.boot();
      },
    },
    'database-cut-off': {
      what: 'the link of the database\'s host is down', lasts: [500, 5000], shared: 'database',
      async begin() {
        await database.host.cutOff();
        return () => database.host.reconnect();
      },
    },
  };
}

/** Their names, for who asks before there is a lab. */
export const labFaultNames = ['node-kill', 'power', 'cut-off', 'frozen', 'cut-from-database', 'cut-from-nodes', 'alone', 'database-power', 'database-cut-off'] as const;
