import { FollowingReader } from '../../cluster/coherence/following-reader.ts';
import { rulesOf } from '../../cluster/coherence/rules.ts';
import { systemClock } from '../../cluster/clock.ts';
import type { Events, Leadership, MasterView, Session, Touched } from '../../cluster/ports.ts';
import { BulkheadError } from '../../contract/index.ts';
import { openDatabase, type OpenDatabase } from '../../metadata/connection/database.ts';
import { applicationName } from '../../metadata/connection/session-settings.ts';
import { appendEvent } from '../../metadata/events.ts';
import type { DatabasePasswords } from '../../security/rotating-secrets.ts';
import type { WorkerStart } from './messages.ts';

export interface WorkerSessionOptions {
  readonly start: WorkerStart;
  readonly passwords: DatabasePasswords;
  readonly onStatement: (durationMs: number, statement: string) => void;
  /** how the node is asked for what is its own */
  readonly node: {
    readonly master: () => MasterView | null;
    readonly begin: (touched: Touched) => Promise<number>;
    readonly changeOver: (number: number, unknown: boolean) => void;
    readonly handOver: (to: string | undefined) => Promise<MasterView>;
    readonly look: () => void;
  };
}

/** The incarnation of a node as one of its workers sees it. It lasts as long as the worker: both end with the incarnation. */
export class WorkerSession implements Session {
  readonly nodeId: string;
  readonly incarnation: string;
  readonly signal = new AbortController().signal;
  readonly coherence: FollowingReader;
  readonly leadership: Leadership;
  readonly events: Events;
  readonly pool: OpenDatabase;

  constructor({ start: { config, entry }, passwords, onStatement, node }: WorkerSessionOptions) {
    const { incarnation, identity } = entry;
    this.nodeId = config.node.id;
    this.incarnation = incarnation;
    this.pool = openDatabase({ database: config.database, passwords, incarnation, identity, name: applicationName(config.node.id, incarnation), onStatement });
    this.coherence = new FollowingReader({
      db: this.pool.db, clock: systemClock, rules: rulesOf(process.env), entries: config.cache.entries, windowMs: config.timing.coherenceWindowMs, signal: this.signal,
    }, { begin: node.begin, end: node.changeOver });
    this.leadership = {
      current: node.master,
      // the master's work is done by the node's own process
      isMaster: () => false,
      fenced: () => Promise.reject(new BulkheadError('NOT_MASTER')),
      handOver: node.handOver,
    };
    this.events = {
      publish: async (event, trx) => {
        await appendEvent(trx ?? this.pool.db, event);
        node.look();
      },
    };
  }

  get db(): OpenDatabase['db'] {
    return this.pool.db;
  }
}
