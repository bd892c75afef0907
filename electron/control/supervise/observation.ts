import type { BalancerStatus, ClusterView, ObservedState } from '../../../server-bundle/contract/index.ts';
import type { NodeDetails, Topology, TopologyNode } from '../../contract/index.ts';
import type { LinkState } from '../host-link/index.ts';
import type { TrackedCondition } from './condition-track.ts';

/** Something that was heard, and when, by this machine's monotonic clock (milliseconds). */
export interface Heard<T> {
  readonly value: T;
  readonly at: number;
}

export type ProcessSight = NonNullable<TopologyNode['process']>;

/** The host that a node is on, what it says, and how the node is reached. */
export interface HostSight {
  readonly hostId: string;
  readonly name: string;
  readonly address: string;
  readonly link: LinkState;
  readonly api: NodeDetails['api'];
}

/** What a node said of itself when it was asked, or since when it has not answered (monotonic, milliseconds). */
export interface OwnWord {
  readonly heard: Heard<ObservedState> | null;
  readonly silentSince: number | null;
}

/** What a person did to a node from this app, for the note beside it. */
export interface OperatorAct {
  readonly what: string;
  readonly at: number;
}

/** Everything that is known of a cluster at one moment; the picture is drawn from this and nothing else. */
export interface Observation {
  readonly clusterId: string;
  readonly name: string;
  readonly kind: Topology['kind'];
  /** monotonic, milliseconds */
  readonly now: number;
  /** wall clock, milliseconds since 1970 */
  readonly wallClock: number;
  readonly lifecycle: Topology['lifecycle'];
  readonly failure: Topology['failure'];
  /** nodes as the inventory has them */
  readonly inventory: readonly { readonly nodeId: string; readonly url: string }[];
  /** by node id; absent for nodes whose processes are not on this machine */
  readonly processes: ReadonlyMap<string, ProcessSight>;
  readonly databaseProcess: ProcessSight['state'] | null;
  readonly balancer: { readonly url: string; readonly process: ProcessSight['state'] | null; readonly status: Heard<BalancerStatus> | null } | null;
  readonly view: Heard<ClusterView> | null;
  /** the last attempt to hear of the cluster said that the database is away */
  readonly databaseRefused: boolean;
  /** when a node last named a master; null when none ever did */
  readonly masterSeenAt: number | null;
  readonly histories: ReadonlyMap<string, readonly number[]>;
  readonly acts: ReadonlyMap<string, OperatorAct>;
  /** the database's clock minus this machine's, milliseconds, and half of the round trip; null before it was heard */
  readonly databaseClock: { readonly offsetMs: number; readonly uncertaintyMs: number } | null;
  /** time between two looks now, milliseconds */
  readonly intervalMs: number;
  /** by node id; for nodes on hosts, as are the next two */
  readonly hosts: ReadonlyMap<string, HostSight>;
  readonly words: ReadonlyMap<string, OwnWord>;
  readonly conditions: ReadonlyMap<string, TrackedCondition>;
}
