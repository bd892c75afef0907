import { z } from 'zod';
import { isoTime } from './cluster.ts';

export const clusterEventType = z.enum([
  'node.joined', 'node.serving', 'node.left', 'node.lost', 'node.refused', 'node.draining', 'node.drained', 'node.undrained', 'node.forgotten', 'node.admitted',
  'master.changed', 'master.released', 'grant.changed', 'right.revoked', 'task.started', 'task.finished',
  'repository.changed', 'access.changed', 'database.changed', 'collection.locked', 'collection.unlocked',
  'alert.raised', 'alert.cleared', 'alert.acknowledged', 'alert.muted', 'alert.unmuted', 'alert.rule-changed', 'webhook.changed',
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
  /** one of `clusterEventType`, or one that only a newer node knows */
  type: z.string(),
  nodeId: z.string().nullable(),
  /** one plain sentence for people */
  message: z.string(),
  detail: z.record(z.string(), z.unknown()),
});
export type ClusterEvent = z.infer<typeof clusterEvent>;

/** An event as it is stored: a newer node may have written types that this one does not know. They are passed on as they are. */
export const storedEvent = clusterEvent.extend({ type: z.string() });
export type StoredEvent = z.infer<typeof storedEvent>;
