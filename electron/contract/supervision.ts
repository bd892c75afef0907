import { z } from 'zod';
import { nodeRates, observedState, poolState } from '../../server-bundle/contract/index.ts';
import { freshness } from './freshness.ts';

/**
 * What is known of a node, from its own word, from its host and from the other members together.
 *
 * - `serving`, `starting`, `draining`, `drained`, `fenced`: its own word, or the cluster's while that is fresh
 * - `cut-off-from-database`: the node runs and answers, and says that it cannot reach the database
 * - `host-up-node-down`: its host answers, the service does not run
 * - `node-silent`: its host answers and the service runs, but the node does not answer (frozen, hung)
 * - `host-unreachable`: the host does not answer, and nobody hears of the node
 * - `unknown`: nothing that was heard is young enough to be shown as a fact; see `lastKnown`
 */
export const nodeCondition = z.enum([
  'serving', 'starting', 'draining', 'drained', 'fenced', 'cut-off-from-database', 'host-up-node-down', 'node-silent', 'host-unreachable', 'unknown',
]);
export type NodeCondition = z.infer<typeof nodeCondition>;

/** `connecting`: the first attempt is under way; `refused`: it answers and does not let us in (key, login, privilege). */
export const reachability = z.enum(['connecting', 'reachable', 'unreachable', 'refused', 'unknown']);
export type Reachability = z.infer<typeof reachability>;

/** When a group of facts was learned, and how. */
export const learned = z.object({
  at: z.number().describe('milliseconds since 1970, by this machine\'s clock'),
  ageMs: z.number(),
  /** `direct`: from the node over HTTP; `ssh`: from its host; `ssh-http`: from the node over HTTP through its host; `cluster`: from another member */
  how: z.enum(['direct', 'ssh', 'ssh-http', 'cluster']),
  freshness,
});
export type Learned = z.infer<typeof learned>;

const problem = z.object({ code: z.string(), message: z.string(), hint: z.string() });

/** A file system of a host, and what of Bulkhead lies on it. */
export const diskFacts = z.object({
  purpose: z.enum(['root', 'opt', 'filestore']),
  path: z.string(),
  mount: z.string(),
  device: z.string(),
  totalBytes: z.number(),
  availableBytes: z.number(),
});

/** A host as its own kernel describes it. */
export const hostVitals = z.object({
  learned,
  hostname: z.string(),
  kernel: z.string(),
  cores: z.number().int(),
  load1: z.number(),
  /** of all cores together, 0 to 100, since the look before; null at the first one */
  cpuPercent: z.number().nullable(),
  memoryTotalBytes: z.number(),
  memoryAvailableBytes: z.number(),
  uptimeSeconds: z.number(),
  disks: z.array(diskFacts),
  /** the host's clock minus this machine's, and half of the round trip, milliseconds; null where the host's clock has whole seconds only */
  clockOffsetMs: z.number().nullable(),
  clockUncertaintyMs: z.number().nullable(),
});
export type HostVitals = z.infer<typeof hostVitals>;

/** The service of the node, by systemd. */
export const unitFacts = z.object({
  learned,
  /** active, activating, inactive, failed …; "not-found" when there is no such unit */
  activeState: z.string(),
  subState: z.string(),
  result: z.string(),
  restarts: z.number().int(),
  /** when it entered its present state, milliseconds since 1970 by the host's clock */
  since: z.number().nullable(),
  pid: z.number().int().nullable(),
  enabled: z.boolean(),
});
export type UnitFacts = z.infer<typeof unitFacts>;

/** The node's process, by its host's kernel. */
export const processFacts = z.object({
  learned,
  memoryBytes: z.number().nullable(),
  /** 100 is one core, since the look before; null at the first one */
  cpuPercent: z.number().nullable(),
  threads: z.number().int().nullable(),
  /** needs root */
  openFiles: z.number().int().nullable(),
  openFilesLimit: z.number().int().nullable(),
});

/** What the node says of itself, or said in its last heartbeat. */
export const serviceFacts = z.object({
  learned,
  state: observedState,
  isMaster: z.boolean(),
  epoch: z.number().int().nullable(),
  incarnation: z.string().nullable(),
  startedAt: z.string().nullable(),
  inFlight: z.number().int(),
  drainDeadline: z.string().nullable(),
  caching: z.boolean(),
  pool: poolState,
  rates: nodeRates.nullable(),
});

/** Everything about one node. Sent whole, once a second while it is watched. A group is null when it was never learned. */
export const nodeDetails = z.object({
  clusterId: z.string(),
  nodeId: z.string(),
  url: z.string(),
  at: z.number().describe('milliseconds since 1970, by this machine\'s clock'),
  condition: nodeCondition,
  /** the condition as one sentence, with what it is known from */
  sentence: z.string(),
  /** when this condition began, as seen from here; null when it was never another since this app looks */
  since: z.number().nullable(),
  /** for `unknown`, `host-unreachable` and `node-silent`: what was true last, and when that was heard */
  lastKnown: z.object({ condition: nodeCondition, at: z.number() }).nullable(),
  /** how this machine reaches the node's API now, and why not */
  api: z.object({ way: z.enum(['direct', 'ssh-forward', 'ssh-command', 'none']), problem: problem.nullable() }),
  /** null for a node of the demo */
  host: z.object({
    hostId: z.string(), name: z.string(), address: z.string(),
    reachability, since: z.number().nullable(), problem: problem.nullable(),
    facts: hostVitals.nullable(),
  }).nullable(),
  unit: unitFacts.nullable(),
  process: processFacts.nullable(),
  version: z.object({
    /** of the process that runs, by its own word */
    running: z.string().nullable(),
    /** release that the next start takes (`/opt/bulkhead/current`) */
    installed: z.string().nullable(),
    /** releases on the host, oldest name first */
    releases: z.array(z.string()),
    learned: learned.nullable(),
  }),
  service: serviceFacts.nullable(),
  /** the host's clock minus the database's, milliseconds, and how uncertain that is; null while one of both is not known */
  clock: z.object({ offsetMs: z.number(), uncertaintyMs: z.number() }).nullable(),
});
export type NodeDetails = z.infer<typeof nodeDetails>;

/** A host as supervision sees it. */
export const watchedHost = z.object({
  hostId: z.string(),
  name: z.string(),
  address: z.string(),
  node: z.object({ clusterId: z.string(), nodeId: z.string() }).nullable(),
  reachability,
  /** when it became so */
  since: z.number().nullable(),
  problem: problem.nullable(),
  /** of the last question, milliseconds */
  roundTripMs: z.number().nullable(),
  facts: hostVitals.nullable(),
});
export type WatchedHost = z.infer<typeof watchedHost>;
