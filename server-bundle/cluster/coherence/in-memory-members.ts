import type { Kysely } from 'kysely';
import type { MemberRow } from '../../metadata/heartbeat.ts';
import type { Database } from '../../metadata/schema.ts';
import { kindFeature } from '../cache-keys.ts';
import { systemClock, type Clock } from '../clock.ts';
import { MemoryMesh } from '../mesh/in-memory-mesh.ts';
import { MemberCoherence } from './coherence.ts';
import { MemoryFollowers } from './in-memory-followers.ts';
import type { RightsStore } from './rights-store.ts';
import { allRules, type CoherenceRules } from './rules.ts';

interface Row {
  state: MemberRow['state'];
  caching: boolean;
  rightNumber: number;
  gone: boolean;
  sessions: number;
}

/** Longer than this process stands still: a right that ends between two lines of a test is not what is tested. */
export const windowMs = 600;

/** One member of a cluster in memory. `beat` is its heartbeat: nothing beats by itself. */
export class MemoryMember {
  readonly id: string;
  readonly mesh: MemoryMesh;
  readonly coherence: MemberCoherence;
  readonly ended = new AbortController();
  readonly followers = new MemoryFollowers();
  readonly #cluster: MemoryCluster;

  constructor(cluster: MemoryCluster, id: string, options: { rules?: Partial<CoherenceRules>; clock?: Clock; kinds?: readonly string[]; acknowledgeMs?: number }) {
    this.#cluster = cluster;
    this.id = id;
    this.mesh = new MemoryMesh({ incarnation: id, nodeId: id, features: (options.kinds ?? []).map(kindFeature) });
    this.coherence = new MemberCoherence({
      incarnation: id, db: cluster.database, mesh: this.mesh, store: cluster.rights(id), clock: options.clock ?? systemClock,
      rules: { ...allRules, ...options.rules }, entries: 1000, windowMs, acknowledgeMs: options.acknowledgeMs ?? 150, signal: this.ended.signal,
      followers: this.followers,
      laterKinds: options.kinds ?? [],
    });
  }

  /** A heartbeat sent and answered now. */
  beat(): void {
    const sentAt = systemClock.stamp();
    const row = this.#cluster.row(this.id);
    const gone = [...this.#cluster.rows].filter(([, each]) => each.gone).map(([id, each]) => ({ id, nodeId: id, sessions: each.sessions }));
    this.coherence.heartbeat(sentAt, { members: this.#cluster.members(), gone, own: { caching: row.caching, rightNumber: row.rightNumber } }, row.state === 'serving');
  }

  /** Reads a value of the database, counting how often that is asked. */
  async get(key: string): Promise<string | undefined> {
    return this.coherence.read(key, () => this.#cluster.select(key));
  }

  /** Changes a value as a client's request would. */
  put(key: string, value: string): Promise<void> {
    return this.coherence.change({ keys: [key] }, () => {
      this.#cluster.values.set(key, value);
      return Promise.resolve();
    });
  }
}

/** Members around a database that is a map. */
export class MemoryCluster {
  readonly values = new Map<string, string>();
  readonly rows = new Map<string, Row>();
  readonly #members = new Map<string, MemoryMember>();
  selects = 0;
  revocations = 0;
  /** a read of the database waits for this before it looks, and for the other before it returns */
  beforeSelect: () => Promise<void> = () => Promise.resolve();
  afterSelect: () => Promise<void> = () => Promise.resolve();
  /** a right that is given back is struck out after this */
  beforeDrop: () => Promise<void> = () => Promise.resolve();
  readonly database = {
    transaction: () => ({ setIsolationLevel: () => ({ setAccessMode: () => ({ execute: (body: (trx: unknown) => Promise<unknown>) => { this.transactions += 1; return body({}); } }) }) }),
  } as unknown as Kysely<Database>;
  transactions = 0;
  settled = false;

  row(id: string): Row {
    const row = this.rows.get(id);
    if (row === undefined) throw new Error(`no member ${id}`);
    return row;
  }

  members(): MemberRow[] {
    return [...this.rows].filter(([, row]) => !row.gone).map(([id, row]) => ({
      id, nodeId: id, url: '', state: row.state, caching: row.caching, rightNumber: row.rightNumber, beat: '', ageMs: 0,
    }));
  }

  async select(key: string): Promise<string | undefined> {
    this.selects += 1;
    await this.beforeSelect();
    const value = this.values.get(key);
    await this.afterSelect();
    return value;
  }

  rights(id: string): RightsStore {
    return {
      record: () => {
        const row = this.row(id);
        if (row.gone) return Promise.resolve(null);
        row.caching = true;
        row.rightNumber += 1;
        return Promise.resolve(row.rightNumber);
      },
      drop: async (right) => {
        await this.beforeDrop();
        const row = this.row(id);
        if (row.rightNumber === right) row.caching = false;
      },
      revoke: (member, right) => {
        const row = this.row(member.incarnation);
        this.revocations += 1;
        if (row.rightNumber === right) row.caching = false;
        return Promise.resolve();
      },
      members: () => Promise.resolve(this.members()),
      settled: () => Promise.resolve(this.settled),
    };
  }

  /** A member that is linked to all others and serves, without the caching right yet. */
  join(id: string, options: { rules?: Partial<CoherenceRules>; clock?: Clock; state?: MemberRow['state']; kinds?: readonly string[]; acknowledgeMs?: number } = {}): MemoryMember {
    this.rows.set(id, { state: options.state ?? 'serving', caching: false, rightNumber: 0, gone: false, sessions: 0 });
    const member = new MemoryMember(this, id, options);
    for (const other of this.#members.values()) member.mesh.link(other.mesh);
    this.#members.set(id, member);
    return member;
  }

  /** Beats until all of them may answer from their caches. */
  async allCaching(): Promise<void> {
    await until(() => {
      for (const member of this.#members.values()) member.beat();
      return [...this.#members.values()].every((member) => member.coherence.mayAnswer());
    });
  }

  end(): void {
    for (const member of this.#members.values()) member.ended.abort();
  }
}

/** Looks again after every turn of the event loop. */
export async function until(condition: () => boolean, timeoutMs = 60_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A gate that holds whoever passes until it is opened. */
export function gate(): { pass: () => Promise<void>; open: () => void; readonly waiting: number } {
  const waiting: (() => void)[] = [];
  let opened = false;
  return {
    pass: () => (opened ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    open: () => {
      opened = true;
      for (const go of waiting) go();
    },
    get waiting() { return waiting.length; },
  };
}
