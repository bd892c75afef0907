import { z } from 'zod';
import { isoTime } from './cluster.ts';

export const clusterEventType = z.enum([
  'node.joined', 'node.serving', 'node.left', 'node.lost', 'node.refused', 'node.draining', 'node.drained', 'node.undrained',
  'master.changed', 'master.released', 'grant.changed', 'right.revoked', 'task.started', 'task.finished',
  'repository.changed', 'access.changed', 'database.changed', 'collection.locked', 'collection.unlocked',
]);
export type ClusterEventType = z.infer<typeof clusterEventType>;

/**
 * One entry of `GET /artifactory/api/v1/cluster/events` (server-sent events; `id:` is `seq`).
 * `seq` has no holes and is the same on every node. A client that asks for more than is kept
 * (`Last-Event-ID` too old) first gets an event named `gap` with `{from, to}`.
 */
export const clusterEvent = z.object({
  seq: z.number().int(),
  at: isoTime,
  type: clusterEventType,
  nodeId: z.string().nullable(),
  /** one plain sentence for people */
  message: z.string(),
  detail: z.record(z.string(), z.unknown()),
});
export type ClusterEvent = z.infer<typeof clusterEvent>;
