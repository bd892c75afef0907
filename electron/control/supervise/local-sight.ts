import type { Topology } from '../../contract/index.ts';
import type { HostSight, ProcessSight } from './observation.ts';

/** What is known of a cluster without asking any of its nodes; for a cluster elsewhere that is the inventory alone. */
export interface LocalSight {
  readonly lifecycle: Topology['lifecycle'];
  readonly failure: Topology['failure'];
  readonly inventory: readonly { readonly nodeId: string; readonly url: string }[];
  readonly processes: ReadonlyMap<string, ProcessSight>;
  /** by node id; for nodes on hosts */
  readonly hosts?: ReadonlyMap<string, HostSight>;
  readonly databaseProcess: ProcessSight['state'] | null;
  readonly balancer: { readonly url: string; readonly statusUrl: string; readonly process: ProcessSight['state'] | null } | null;
}
