import type { Server as HttpServer } from 'node:http';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Session } from '../cluster/ports.ts';
import type { NodeConfig } from '../config/schema.ts';
import type { StoredEvent, FilestoreState } from '../contract/index.ts';
import type { Database } from '../metadata/schema.ts';
import type { ClusterKeys, DatabasePasswords } from '../security/rotating-secrets.ts';
import type { NodeRuntime } from './context.ts';
import type { TrafficMeter } from './traffic.ts';
import type { WorkersOptions } from './workers/crew.ts';

export interface RuntimeOptions {
  readonly config: NodeConfig;
  readonly version: string;
  readonly log: Logger;
  readonly metrics: Registry;
  /** prove members to each other, never leave the process */
  readonly clusterKeys: ClusterKeys;
  readonly databasePasswords: DatabasePasswords;
  /** none: this process does everything */
  readonly workers?: WorkersOptions;
  /**
   * Brings the schema up to date and creates the cluster when there is none. Runs on one
   * connection before this node first joins, again and again until it succeeds.
   */
  readonly prepareDatabase?: (db: Kysely<Database>) => Promise<void>;
  /** Called once before the first join with the cluster's id; a rejection keeps the node from serving and is tried again. */
  readonly bindFilestore?: (clusterId: string) => Promise<void>;
  /** What the filestore said at its last check; must not wait. */
  readonly filestoreState?: () => Pick<FilestoreState, 'path' | 'state' | 'totalBytes' | 'freeBytes'> & { readonly reason?: string | null };
  /**
   * The leftovers of a gone incarnation, whose sessions have been ended, are to be swept. Called on the master only, again until
   * it resolves; then the incarnation counts as cleaned. Never called while collection is locked.
   */
  readonly onGone?: (session: Session, incarnation: string) => Promise<void>;
  /** Master's regular work: called with the session on becoming master; `signal` aborts when it is not the master any more. */
  readonly onMaster?: (session: Session, signal: AbortSignal) => void;
  /** A session has begun to serve; whatever belongs to it ends with `session.signal`. */
  readonly onSession?: (session: Session) => void;
}

export interface ClusterEventFeed {
  /**
   * Delivers every event after `after` (null: only new ones) in order, without holes, until `signal` aborts. `gap` comes first when
   * events after `after` have been pruned.
   */
  subscribe(
    after: number | null,
    sink: { event(event: StoredEvent): void; gap(from: number, to: number): void },
    signal: AbortSignal,
  ): void;
}

/** What `main.ts` holds: the runtime as the routes know it, and its life. */
export interface Runtime extends NodeRuntime {
  /** What the HTTP hooks report to; part of the rates in the cluster's view. */
  readonly traffic: TrafficMeter;
  readonly feed: ClusterEventFeed;
  /** Takes mesh connections that are upgraded on this server. Call it before the server listens. */
  attach(server: HttpServer): void;
  /** Keys and passwords have been read again. */
  credentialsChanged(): void;
  /**
   * Begins to join; call it once the server listens (holding the port proves that no live predecessor does). Resolves at once:
   * failures to join are logged, shown by `problem()` and tried again. Follow `state()`.
   */
  start(): Promise<void>;
  /**
   * Drains (ping turns to 503, notice period, requests under way), leaves the cluster and closes everything. A second call
   * cuts the draining short. Resolves when nothing is left.
   */
  stop(): Promise<void>;
}
