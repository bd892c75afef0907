import type { ClusterView } from '../../server-bundle/contract/index.ts';
import type { NodeClient } from './node-client.ts';
import type { TestPostgres } from './postgres.ts';
import type { WaitOptions } from './wait-for.ts';

/** Deep overrides of the node's configuration file, for example `{ timing: { heartbeatMs: 100 } }`. */
export type ConfigOverrides = Readonly<Record<string, unknown>>;

export interface ClusterOptions {
  /** how many nodes, named n1, n2, …; default 3 */
  readonly nodes?: number;
  /** start the embedded balancer too; default true */
  readonly balancer?: boolean;
  /** for every node's configuration */
  readonly config?: ConfigOverrides;
  /** for one node's configuration, by nodeId */
  readonly nodeConfig?: Readonly<Record<string, ConfigOverrides>>;
  /** address that the other members are told for a node that listens on `port`; its own when left out */
  readonly advertise?: (nodeId: string, port: number) => Promise<string>;
  /** address by which the balancer reaches a node that listens on `port`; its own when left out */
  readonly balancerWay?: (nodeId: string, port: number) => Promise<string>;
  /** for the balancer's configuration */
  readonly balancerConfig?: ConfigOverrides;
  /** environment of every node process, for example a test switch of the cluster */
  readonly env?: Readonly<Record<string, string>>;
  /** PostgreSQL settings */
  readonly postgres?: Readonly<Record<string, string | number | boolean>>;
  /** what the configuration's `database` says beside or instead of the server's own address, once that runs */
  readonly database?: (postgres: TestPostgres) => Promise<ConfigOverrides>;
  /** an empty folder for the filestore, of the caller's; one of the cluster's own when left out */
  readonly filestore?: string;
  /** false: nodes are prepared but not started */
  readonly start?: boolean;
}

/** One node: a real process of its own. */
export interface TestNode {
  readonly nodeId: string;
  readonly url: string;
  readonly port: number;
  /** path of its configuration file */
  readonly configFile: string;
  /** undefined while it does not run */
  readonly pid: number | undefined;
  /** this node directly, as admin */
  readonly client: NodeClient;
  /** Starts the process and, unless told otherwise, waits until its ping answers 200. @param options.bundle of this version, and so from now on */
  start(options?: { readonly wait?: boolean; readonly env?: Readonly<Record<string, string>>; readonly bundle?: string }): Promise<void>;
  /** SIGKILL to the process and all its workers. */
  kill(): Promise<void>;
  /** SIGSTOP; the process keeps its sockets and its database sessions. */
  freeze(): void;
  /** SIGCONT */
  thaw(): void;
  /** SIGTERM: drain and stop. Resolves to the exit code when the process has ended. */
  stop(timeoutMs?: number): Promise<number>;
  /** `stop` (or nothing when it does not run), then `start`. */
  restart(): Promise<void>;
  /** what the node has logged so far, in all its lives */
  log(): Promise<string>;
}

export interface TestBalancer {
  readonly url: string;
  readonly port: number;
  readonly pid: number | undefined;
  readonly client: NodeClient;
  start(): Promise<void>;
  kill(): Promise<void>;
  stop(timeoutMs?: number): Promise<number>;
  log(): Promise<string>;
}

/** A whole cluster on loopback. `stop` (or `await using`) ends all of it and checks that nothing is left. */
export interface TestCluster extends AsyncDisposable {
  readonly nodes: readonly TestNode[];
  /** where the metadata are, as far as the test knows */
  readonly postgres: TestPostgres;
  /** From now on `postgres` is this server: it has been promoted. The former one is the caller's to stop. */
  followTo(postgres: TestPostgres): void;
  /** name of the cluster's database in `postgres` */
  readonly database: string;
  /** throws when the cluster was started without one */
  readonly balancer: TestBalancer;
  readonly filestore: string;
  /** path of the bundle that nodes are started from when nobody names another */
  readonly bundle: string;
  readonly admin: { readonly user: string; readonly password: string };
  node(nodeId: string): TestNode;
  /** Prepares one more node (not started). */
  addNode(nodeId?: string, config?: ConfigOverrides): Promise<TestNode>;
  /** The cluster as any node that answers sees it. */
  view(): Promise<ClusterView>;
  /** The node that holds the lease, once some node names it and it is not `except`. */
  master(options?: WaitOptions & { readonly except?: string; readonly aboveEpoch?: number }): Promise<{ node: TestNode; epoch: number }>;
  /** Waits until `condition` holds for the view of some node. */
  until(what: string, condition: (view: ClusterView) => boolean, options?: WaitOptions): Promise<ClusterView>;
  /** Waits until these nodes (all that run, when left out) serve and hold the caching right. */
  untilServing(nodeIds?: readonly string[], options?: WaitOptions): Promise<void>;
  stop(): Promise<void>;
}
