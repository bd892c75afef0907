import { z } from 'zod';
import { clusterView, observedState } from '../../server-bundle/contract/index.ts';
import { freshness } from './freshness.ts';
import { nodeCondition, reachability } from './supervision.ts';

export { freshness };

export const clusterSummary = z.object({
  clusterId: z.string().describe('id in this app; the demo cluster is always "demo"'),
  name: z.string(),
  kind: z.enum(['demo', 'lan']),
  /** worst word for the whole cluster, for the dot in the switcher */
  health: z.enum(['ok', 'warning', 'bad', 'unknown', 'off']),
  summary: z.string().describe('one line, for example "2 of 3 serving, 1 draining"'),
});
export type ClusterSummary = z.infer<typeof clusterSummary>;

/** A process of the demo cluster as the operating system sees it; absent for LAN nodes. */
export const processState = z.enum(['running', 'frozen', 'stopped', 'starting']);

export const topologyNode = z.object({
  nodeId: z.string(),
  url: z.string(),
  observed: observedState,
  /** why it is so, where there is something to say ("killed from this app 4 s ago") */
  note: z.string().nullable(),
  process: z.object({ state: processState, pid: z.number().nullable() }).nullable(),
  freshness,
  /** milliseconds between the last fact about this node and `at` */
  ageMs: z.number().nullable(),
  isMaster: z.boolean(),
  /** the node as the cluster reported it last, without its rates when that is seconds ago; null when it never did */
  reported: clusterView.shape.nodes.element.nullable(),
  /** requests per second, oldest first, one value a second, at most 60; for the sparkline */
  requestHistory: z.array(z.number()),
  /** what is known of it from all sides; for nodes on hosts */
  condition: nodeCondition.optional(),
  /** the host it is on; for nodes on hosts */
  host: z.object({ hostId: z.string(), name: z.string(), reachability }).optional(),
});
export type TopologyNode = z.infer<typeof topologyNode>;

export const topologyBalancer = z.object({
  kind: z.enum(['embedded', 'nginx', 'haproxy', 'apache', 'none']),
  url: z.string(),
  state: z.enum(['serving', 'stopped', 'unreachable', 'unknown']),
  sticky: z.boolean(),
  freshness,
  /** what the balancer sends to each node, and whether it does at all */
  backends: z.array(z.object({
    nodeId: z.string(),
    health: z.enum(['up', 'draining', 'down', 'unknown']),
    requestsPerSecond: z.number(),
    bytesPerSecond: z.number(),
  })),
});

/** One picture of one cluster. Sent whole on every change, at least once a second while somebody watches. */
export const topology = z.object({
  clusterId: z.string(),
  name: z.string(),
  kind: z.enum(['demo', 'lan']),
  /** when the control room made this picture: milliseconds since 1970, this machine's clock */
  at: z.number(),
  lifecycle: z.enum(['off', 'starting', 'running', 'stopping', 'failed']),
  /** what to say when the lifecycle is "failed" */
  failure: z.object({ code: z.string(), message: z.string(), hint: z.string() }).nullable(),
  freshness,
  balancer: topologyBalancer.nullable(),
  nodes: z.array(topologyNode),
  master: clusterView.shape.master,
  /** milliseconds since a master was last seen; null while there is one */
  masterlessMs: z.number().nullable(),
  database: clusterView.shape.database.nullable(),
  databaseState: z.enum(['up', 'down', 'unknown']),
  filestore: clusterView.shape.filestore.nullable(),
  collectionLocked: z.string().nullable(),
  /** where database and filestore were when a node last told, and how long ago that is, milliseconds; null: nobody ever told, or the cluster is off */
  lastHeard: z.object({ ageMs: z.number(), database: z.string(), filestore: z.string() }).nullable(),
});
export type Topology = z.infer<typeof topology>;
