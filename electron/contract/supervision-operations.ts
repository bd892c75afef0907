import { z } from 'zod';
import { atNode, none, stream } from './operation.ts';
import { nodeDetails, watchedHost } from './supervision.ts';

/** What is known of nodes and their hosts, live. */
export const supervisionOperations = {
  /** one node, from its own word, its host and the cluster; at least once a second */
  'nodes.details': stream(atNode, nodeDetails),
  /** every host of the inventory, on each change and at least every few seconds; while this is watched, all of them are connected */
  'hosts.watch': stream(none, z.array(watchedHost)),
} as const;
