import { z } from 'zod';

/** What an operator wants of a node; kept in the database, survives a reboot. */
export const desiredState = z.enum(['serving', 'draining', 'drained', 'stopped']);
export type DesiredState = z.infer<typeof desiredState>;

/** What a node was last seen to be. `unreachable` and `stopped` are other members' verdicts, the rest its own word. */
export const observedState = z.enum([
  'starting', 'serving', 'draining', 'drained', 'no-database', 'fenced', 'unreachable', 'stopped',
]);
export type ObservedState = z.infer<typeof observedState>;

export const isoTime = z.string().describe('ISO 8601, UTC, by the clock of the database');

/** Connections of one node's pool; the node's control connection is not among them. */
export const poolState = z.object({
  max: z.number().int(),
  inUse: z.number().int(),
  idle: z.number().int(),
  waiting: z.number().int(),
});
export type PoolState = z.infer<typeof poolState>;

/** What a node measured of itself since its previous heartbeat. */
export const nodeRates = z.object({
  /** client requests finished per second */
  requestsPerSecond: z.number(),
  bytesInPerSecond: z.number(),
  bytesOutPerSecond: z.number(),
  /** SQL statements per second */
  queriesPerSecond: z.number(),
  /** 99th percentile of client request durations in the last ten seconds, milliseconds; null when there were none */
  p99Ms: z.number().nullable(),
  /** 99th percentile of the event-loop delay, milliseconds */
  eventLoopP99Ms: z.number(),
  /** resident set size, bytes */
  memoryBytes: z.number(),
});
export type NodeRates = z.infer<typeof nodeRates>;

export const drainNote = z.object({ kind: z.enum(['drain', 'upgrade', 'maintenance']), by: z.string().max(255), note: z.string().max(500), since: isoTime.optional() });
export type DrainNote = z.infer<typeof drainNote>;

/** What a node knows of its host and of its own heartbeats. */
export const nodeFacts = z.object({
  filestore: z.object({
    state: z.enum(['ok', 'unavailable', 'foreign']),
    /** why it is not ok */
    reason: z.string().nullable(),
    totalBytes: z.number().nullable(),
    freeBytes: z.number().nullable(),
  }),
  /** the file system of the operating system and its logs */
  systemDisk: z.object({ path: z.string(), totalBytes: z.number(), freeBytes: z.number() }).nullable(),
  /** the host's clock minus the database's, milliseconds */
  clockOffsetMs: z.number().nullable(),
  /** longest time between two confirmed heartbeats in the last ten seconds */
  heartbeatGapMs: z.number().nullable(),
  /** the epoch whose lease the node holds by its own sight; null when it is not the master */
  masterEpoch: z.number().int().nullable(),
  /** what its configuration says about clients; absent from nodes that do not tell it */
  clients: z.object({ baseUrl: z.string(), trustedProxies: z.array(z.string()) }).optional(),
});
export type NodeFacts = z.infer<typeof nodeFacts>;

export const clusterNode = z.object({
  nodeId: z.string(),
  /** uuid of this start of the node; null for one that has never joined */
  incarnation: z.string().nullable(),
  url: z.string(),
  desired: desiredState,
  observed: observedState,
  version: z.string(),
  startedAt: isoTime.nullable(),
  heartbeatAt: isoTime.nullable(),
  /** milliseconds since the last heartbeat by the database's clock, at `asOf` */
  heartbeatAgeMs: z.number().nullable(),
  /** client requests under way */
  inFlight: z.number().int(),
  drainDeadline: isoTime.nullable(),
  /** the drain ends by itself then: the node serves again; null or absent when somebody has to end it */
  drainUntil: isoTime.nullable().optional(),
  /** why it drains, and by whom */
  drainNote: drainNote.nullable().optional(),
  /** holds the right to answer from its cache */
  caching: z.boolean(),
  pool: poolState,
  rates: nodeRates.nullable(),
  /** null or absent while nothing is told by it */
  facts: nodeFacts.nullable().optional(),
});
export type ClusterNode = z.infer<typeof clusterNode>;

/** The arithmetic of the connection budget: budget = maxConnections − superuserReserved − reserved − kept. */
export const databaseBudget = z.object({
  serverVersion: z.string(),
  host: z.string(),
  port: z.number().int(),
  name: z.string(),
  maxConnections: z.number().int(),
  superuserReserved: z.number().int(),
  reserved: z.number().int(),
  /** what the operator keeps for others, plus the slots that a starting node needs before it has a grant */
  kept: z.number().int(),
  /** a lower CONNECTION LIMIT of role or database, when there is one */
  limitedBy: z.object({ what: z.enum(['role', 'database']), limit: z.number().int() }).nullable(),
  budget: z.number().int(),
  granted: z.number().int(),
  /** budget − granted */
  free: z.number().int(),
  /** sessions of the cluster seen in pg_stat_activity */
  observed: z.number().int(),
  /** client sessions of anybody else seen there */
  foreign: z.number().int(),
  /** pool minimum plus the control connection: less than this is no grant */
  minimumPerNode: z.number().int(),
  /** what a node asks for when there is room */
  wantedPerNode: z.number().int(),
  grants: z.array(z.object({
    nodeId: z.string(),
    incarnation: z.string(),
    /** connections granted to the pool */
    pool: z.number().int(),
    /** connections besides the pool (heartbeat and lease) */
    control: z.number().int(),
    /** sessions of this incarnation in pg_stat_activity */
    observed: z.number().int(),
  })),
});
export type DatabaseBudget = z.infer<typeof databaseBudget>;

export const filestoreState = z.object({
  path: z.string(),
  state: z.enum(['ok', 'unavailable', 'foreign']),
  totalBytes: z.number().nullable(),
  freeBytes: z.number().nullable(),
  /** bytes of live blobs, by the metadata */
  storedBytes: z.number().nullable(),
  blobCount: z.number().nullable(),
  /** bytes waiting for collection */
  unreferencedBytes: z.number().nullable(),
  nextCollectionAt: isoTime.nullable(),
});
export type FilestoreState = z.infer<typeof filestoreState>;

/** `GET /artifactory/api/v1/cluster` */
export const clusterView = z.object({
  apiVersion: z.literal(1),
  asOf: isoTime,
  /** nodeId of the node that answered */
  answeredBy: z.string(),
  cluster: z.object({ id: z.string(), name: z.string() }),
  /** null when nobody holds the lease */
  master: z.object({ nodeId: z.string(), epoch: z.number().int(), since: isoTime }).nullable(),
  nodes: z.array(clusterNode),
  database: databaseBudget,
  filestore: filestoreState,
  /** why collection is locked; null when it is not */
  collectionLocked: z.string().nullable(),
});
export type ClusterView = z.infer<typeof clusterView>;

/** `GET /artifactory/api/v1/cluster/epochs`: newest first. */
export const epochCause = z.enum(['first', 'hand-over', 'fail-over', 'expired']);
export const epochEntry = z.object({
  epoch: z.number().int(),
  nodeId: z.string(),
  incarnation: z.string(),
  previousNodeId: z.string().nullable(),
  cause: epochCause,
  since: isoTime,
  endedAt: isoTime.nullable(),
  /** milliseconds between the predecessor's last renewal (or its release) and this takeover; null for the first epoch */
  gapMs: z.number().nullable(),
});
export type EpochEntry = z.infer<typeof epochEntry>;
export const epochList = z.object({ apiVersion: z.literal(1), asOf: isoTime, epochs: z.array(epochEntry) });

/** `POST /artifactory/api/v1/cluster/master` */
export const handOverRequest = z.object({ to: z.string().optional() }).strict();
/** `POST /artifactory/api/v1/cluster/nodes/{nodeId}/drain` */
export const drainRequest = z.object({
  deadlineSeconds: z.number().int().min(1).max(86_400).default(300),
  /** the node serves again by itself after this time, seconds; never when left out */
  untilSeconds: z.number().int().min(1).max(30 * 86_400).optional(),
  note: drainNote.omit({ since: true }).optional(),
}).strict();
