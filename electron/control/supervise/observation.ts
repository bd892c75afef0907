import type { BalancerStatus, ClusterView } from '../../../server-bundle/contract/index.ts';
import type { Topology, TopologyNode } from '../../contract/index.ts';

/** Something that was heard, and when, by this machine's monotonic clock (milliseconds). */
export interface Heard<T> {
  readonly value: T;
  readonly at: number;
}

export type ProcessSight = NonNullable<TopologyNode['process']>;

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
}
