import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { NodeConfig } from '../config/schema.ts';
import type { Session } from '../cluster/ports.ts';
import type { Filestore } from '../filestore/index.ts';
import type { ClusterKeys } from '../security/rotating-secrets.ts';
import type { DrainEnd } from '../metadata/membership.ts';
import type { ClusterView, EpochEntry, ErrorBody, ObservedState, PoolState } from '../contract/index.ts';

/** Client requests under way; a drain waits for it. */
export interface InFlight {
  readonly count: number;
  /** those of one client, by its address */
  of(client: string): number;
  /** Returns the function that ends the request; calling it twice is harmless. @param client its address */
  enter(client: string): () => void;
}

/** What metrics tell of the present incarnation; nothing of it asks the database. */
export interface NodeFigures {
  readonly pool: PoolState;
  /** answers in the cache */
  readonly cachedEntries: number;
  /** whether it may answer from its cache now */
  readonly caching: boolean;
  readonly master: boolean;
  /** null while no lease is known */
  readonly epoch: number | null;
  /** the host's clock minus the database's */
  readonly clockOffsetMs: number | null;
  /** since the database last confirmed a heartbeat */
  readonly heartbeatSilenceMs: number | null;
  /** the file system of the operating system and its logs */
  readonly systemDisk: { readonly totalBytes: number; readonly freeBytes: number } | null;
}

/** One node process: it outlives its incarnations. Implemented in `node/runtime.ts`. */
export interface NodeRuntime {
  /** This node's own word for its state. */
  state(): ObservedState;
  /** The present incarnation's session; throws NOT_SERVING or DATABASE_UNAVAILABLE when there is none to work with. */
  session(): Session;
  /** True while client requests are taken: serving, and draining until the notice period is over. */
  takesRequests(): boolean;
  readonly inFlight: InFlight;
  /** Why this node does not serve although its process runs (refused, id in use, foreign filestore); null when nothing is known. */
  problem(): ErrorBody | null;
  /** null while there is no incarnation */
  figures(): NodeFigures | null;
  /** The whole cluster as `GET /api/v1/cluster` answers it. */
  view(): Promise<ClusterView>;
  epochs(limit: number): Promise<EpochEntry[]>;
  drain(nodeId: string, deadlineSeconds: number, end?: DrainEnd): Promise<void>;
  undrain(nodeId: string): Promise<void>;
}

/** What every route module gets. */
export interface NodeContext {
  readonly config: NodeConfig;
  readonly version: string;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly runtime: NodeRuntime;
  /** opened once for the process (`openFilestore`), bound to the cluster as soon as its id is known */
  readonly filestore: Filestore;
  readonly clusterKeys: Pick<ClusterKeys, 'current' | 'accepted'>;
}
