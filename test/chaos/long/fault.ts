import type { TestNode } from '../../harness/cluster.ts';
import type { LinkProxy } from '../../harness/link-proxy.ts';
import type { Random } from '../random.ts';
import type { Room } from './room.ts';

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

/** A fault of the ways that lead to a node, or from it. */
export function proxied(proxies: (room: Room) => ReadonlyMap<string, readonly LinkProxy[]>, begin: (proxy: LinkProxy) => void): FaultKind['begin'] {
  return (room, node) => {
    const found = proxies(room).get(node.nodeId);
    if (found === undefined) throw new Error(`nothing stands before ${node.nodeId}`);
    found.forEach(begin);
    return Promise.resolve(() => {
      for (const proxy of found) proxy.mend();
      return Promise.resolve();
    });
  };
}
