import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestNode } from '../../harness/cluster.ts';
import { pause } from '../../harness/wait-for.ts';
import type { LinkProxy } from '../../harness/link-proxy.ts';
import type { Random } from '../random.ts';
import type { Room } from './room.ts';

const run = promisify(execFile);

export interface FaultKind {
  readonly what: string;
  /** why it cannot be had here; null: it can */
  readonly missing?: (room: Room) => string | null;
  /** Begins it at `node`, or at what all nodes share; resolves to what ends it. */
  begin(room: Room, node: TestNode, random: Random): Promise<() => Promise<void>>;
  /** strikes all nodes at once, at this: nothing else may strike there at the same time */
  readonly shared?: 'database' | 'filestore';
  /** how long it lasts, milliseconds: at least, and at most */
  readonly lasts: readonly [number, number];
}

const needsShare = (room: Room): string | null => (room.share === null ? 'needs root: the share is a filesystem of its own' : null);
const needsLinks = (room: Room): string | null => (room.links.size === 0 ? 'links are not proxied' : null);

/** Until it is told to end, or whoever started it has; never leaves the share frozen. */
const stutter = `thaw() { fsfreeze -u "$0"; }; trap 'thaw; exit' TERM; parent=$PPID
while kill -0 $parent; do fsfreeze -f "$0"; sleep 0.5; thaw; sleep 0.1; done`;

function proxied(proxies: (room: Room) => ReadonlyMap<string, LinkProxy>, begin: (proxy: LinkProxy) => void): FaultKind['begin'] {
  return (room, node) => {
    const proxy = proxies(room).get(node.nodeId);
    if (proxy === undefined) throw new Error(`nothing stands before ${node.nodeId}`);
    begin(proxy);
    return Promise.resolve(() => {
      proxy.mend();
      return Promise.resolve();
    });
  };
}

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
    async begin(_room, node) {
      await node.kill();
      return () => node.start({ wait: false });
    },
  },
  freeze: { what: 'SIGSTOP for longer than the window of a cached answer', lasts: [1200, 2200], begin: freeze },
  'freeze-long': { what: 'SIGSTOP for longer than the lease', lasts: [4500, 7000], begin: freeze },
  restart: {
    what: 'a node drains, leaves and comes back', lasts: [0, 500],
    async begin(_room, node) {
      await node.stop(60_000);
      return () => node.start({ wait: false });
    },
  },
  'node-cut': { what: 'connections to a node from the others are reset', lasts: [500, 5000], missing: needsLinks, begin: proxied((room) => room.links, (proxy) => { proxy.cut(); }) },
  'node-silent': { what: 'the network between a node and the others swallows everything', lasts: [500, 5000], missing: needsLinks, begin: proxied((room) => room.links, (proxy) => { proxy.hold(); }) },
  'balancer-cut': { what: 'connections between the balancer and a node are reset', lasts: [500, 5000], begin: proxied((room) => room.ways, (proxy) => { proxy.cut(); }) },
  'balancer-silent': { what: 'half-open: what the balancer and a node tell each other does not arrive', lasts: [500, 6000], begin: proxied((room) => room.ways, (proxy) => { proxy.hold(); }) },
  'database-cut': { what: 'connections of a node to the database are reset', lasts: [500, 6000], begin: proxied((room) => room.databases, (proxy) => { proxy.cut(); }) },
  'database-silent': { what: 'half-open: what a node and the database tell each other does not arrive', lasts: [500, 6000], begin: proxied((room) => room.databases, (proxy) => { proxy.hold(); }) },
  'database-slow': { what: 'every word between a node and the database takes 60 ms', lasts: [1000, 5000], begin: proxied((room) => room.databases, (proxy) => { proxy.delay(60); }) },
  'database-kill': {
    what: 'SIGKILL to PostgreSQL and all its sessions', lasts: [0, 4000], shared: 'database',
    async begin({ cluster }) {
      await cluster.postgres.kill();
      return () => cluster.postgres.restart();
    },
  },
  'database-restart': {
    what: 'PostgreSQL is restarted', lasts: [0, 0], shared: 'database',
    async begin({ cluster }) {
      await cluster.postgres.restart();
      return () => Promise.resolve();
    },
  },
  'filestore-full': {
    what: 'no space on the share', lasts: [500, 4000], missing: needsShare, shared: 'filestore',
    async begin({ share }) {
      if (share === null) throw new Error('there is no share');
      const filler = join(share, 'filler');
      // to the last block, whoever else is writing: it ends because there is no space
      await run('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k', 'status=none']).catch(() => undefined);
      return () => rm(filler, { force: true });
    },
  },
  'filestore-read-only': {
    what: 'the share takes no writes', lasts: [500, 4000], missing: needsShare, shared: 'filestore',
    async begin({ share }) {
      if (share === null) throw new Error('there is no share');
      // files that are open for writing make it busy: again, until there are none for a moment
      for (let tries = 1; ; tries += 1) {
        const done = await run('mount', ['-o', 'remount,ro', share]).then(() => true, () => false);
        if (done || tries === 200) break;
        await pause(5);
      }
      return async () => { await run('mount', ['-o', 'remount,rw', share]); };
    },
  },
  'filestore-slow': {
    what: 'the share stands still for half a second, again and again', lasts: [1000, 5000], shared: 'filestore',
    missing: ({ freezable }) => (freezable ? null : 'needs root, and a share on a disk image'),
    begin({ share }) {
      if (share === null) throw new Error('there is no share');
      // a shell of its own thaws each time: whoever waits for the share cannot be killed before
      const pauses = spawn('sh', ['-c', stutter, share], { stdio: 'ignore' });
      return Promise.resolve(async () => {
        const ended = once(pauses, 'exit');
        pauses.kill('SIGTERM');
        await ended;
        await run('fsfreeze', ['-u', share]).catch(() => undefined);
      });
    },
  },
  'filestore-gone': {
    what: 'the share is not the cluster\'s: its marker is not there', lasts: [500, 4000], shared: 'filestore',
    async begin({ cluster }) {
      const [marker, away] = [join(cluster.filestore, 'cluster.json'), join(cluster.filestore, 'away')];
      await rename(marker, away);
      return () => rename(away, marker);
    },
  },
  clock: {
    what: 'the wall clock of a node jumps, by minutes or hours, and back', lasts: [300, 4000],
    missing: (room) => (room.setClock === null ? 'needs libfaketime' : null),
    async begin({ setClock }, node, random) {
      await setClock?.(node.nodeId, random.pick([-7200, -90, -2, 2, 90, 7200]));
      return async () => { await setClock?.(node.nodeId, 0); };
    },
  },
};
