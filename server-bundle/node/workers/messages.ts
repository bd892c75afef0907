import type { MasterView, Touched } from '../../cluster/ports.ts';
import type { ReaderNews } from '../../cluster/coherence/followers.ts';
import type { NodeConfig } from '../../config/schema.ts';
import type { ClusterView, EpochEntry, ErrorBody, NodeRates, ObservedState, PoolState } from '../../contract/index.ts';
import type { DrainEnd } from '../../metadata/membership.ts';
import type { LoginEvent } from '../../security/login-throttle.ts';
import type { Entry } from '../joining.ts';
import type { CallMessage } from './calls.ts';

/** What a worker has to know of its node, beside what its cache may answer. */
export interface NodeNews {
  readonly state: ObservedState;
  readonly takesRequests: boolean;
  readonly databaseLost: boolean;
  readonly problem: ErrorBody | null;
  readonly master: MasterView | null;
  /** newest event of the cluster; null while none is known */
  readonly lastEvent: number | null;
}

/** Cluster keys and database passwords: they travel between the processes of a node only this way. */
export interface Secrets {
  readonly keys: readonly Uint8Array[];
  readonly passwords: readonly string[];
}

/** What a worker begins with. */
export interface WorkerStart extends Secrets {
  /** of this worker among all that its node has ever had: names that it gives to files are nobody else's */
  readonly ordinal: number;
  readonly config: NodeConfig;
  readonly version: string;
  readonly entry: Entry;
}

/** The head of a request for a mesh link that reached a worker; the socket comes with it. */
export interface MeshRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly head: Uint8Array;
}

/** What a worker tells of itself. */
export interface WorkerReport {
  readonly pool: PoolState;
  readonly inFlight: number;
  readonly rates: NodeRates;
  readonly cachedEntries: number;
}

/** node → worker. What has a `seq` is acknowledged once it has been taken over. */
export type ToWorker =
  | { readonly t: 'start'; readonly start: WorkerStart }
  /** from now on it is told everything, and waited for; this is what is so already */
  | { readonly t: 'join'; readonly seq: number; readonly reader: readonly ReaderNews[]; readonly node: NodeNews }
  | { readonly t: 'reader'; readonly seq: number; readonly news: ReaderNews }
  | { readonly t: 'node'; readonly seq: number; readonly news: NodeNews }
  | { readonly t: 'secrets'; readonly secrets: Secrets }
  /** a client's connection comes with it */
  | { readonly t: 'connection' }
  /** a connection went before this: who has no file descriptor left gets neither it nor any word of it */
  | { readonly t: 'connection-sent' }
  | { readonly t: 'login'; readonly event: LoginEvent }
  | CallMessage;

/** worker → node */
export type FromWorker =
  /** its program is there: it can be told what to begin with */
  | { readonly t: 'loaded'; readonly version: string }
  | { readonly t: 'taken'; readonly seq: number }
  | { readonly t: 'accepted' }
  /** a connection was sent, and did not arrive */
  | { readonly t: 'refused' }
  | { readonly t: 'report'; readonly report: WorkerReport }
  | { readonly t: 'change-over'; readonly number: number; readonly unknown: boolean }
  /** something in the database has changed that members should look at */
  | { readonly t: 'look' }
  | { readonly t: 'mesh'; readonly request: MeshRequest }
  | { readonly t: 'login'; readonly event: LoginEvent }
  | CallMessage;

/** What a worker asks its node for. */
export interface NodeServices {
  /** prepares a change; its number */
  begin(touched: Touched): Promise<number>;
  view(): Promise<ClusterView>;
  epochs(limit: number): Promise<EpochEntry[]>;
  drain(nodeId: string, deadlineSeconds: number, end: DrainEnd | undefined): Promise<void>;
  undrain(nodeId: string): Promise<void>;
  handOver(to: string | undefined): Promise<MasterView>;
  /** of all processes of the node, as OpenMetrics text */
  metrics(): Promise<string>;
}

/** What a node asks a worker for. */
export interface WorkerServices {
  /** Resolves when it could serve: bound to the filestore, without database connections yet. */
  prepare(): Promise<void>;
  /** Resolves when no more than `max` database connections are open. */
  resize(max: number): Promise<void>;
  /** client requests under way */
  inFlight(): Promise<number>;
  /** server processes behind its database connections */
  pids(): Promise<number[]>;
  metrics(): Promise<object[]>;
  /** Takes nothing new, finishes what is under way within `deadlineMs`, closes its connections. */
  stop(deadlineMs: number): Promise<void>;
}
