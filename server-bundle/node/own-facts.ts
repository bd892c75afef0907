import { statfs } from 'node:fs/promises';
import { parse } from 'node:path';
import type { Stamp } from '../cluster/clock.ts';
import type { NodeFacts } from '../contract/index.ts';

/** What of the filestore's last check is told. */
type FilestoreFacts = NodeFacts['filestore'];
type ClientFacts = NonNullable<NodeFacts['clients']>;

const windowMs = 10_000;
const diskMs = 5000;

interface Beat {
  readonly at: number;
  /** milliseconds since the previous confirmed heartbeat was confirmed */
  readonly gapMs: number;
  readonly roundTripMs: number;
  readonly offsetMs: number;
}

/** What this process knows of its host, its clock and its heartbeats; told to the cluster with the heartbeats. */
export class OwnFacts {
  readonly #filestore: () => FilestoreFacts;
  readonly #clients: ClientFacts;
  #beats: Beat[] = [];
  #confirmedAt: number | null = null;
  #disk: NodeFacts['systemDisk'] = null;
  #diskAt = -Infinity;

  /** @param filestore must not wait */
  constructor(filestore: () => FilestoreFacts, clients: ClientFacts) {
    this.#filestore = filestore;
    this.#clients = clients;
  }

  /**
   * A heartbeat was confirmed.
   * @param sentAt from before it was sent
   * @param databaseNow the database's clock while it was confirmed, milliseconds since 1970
   */
  confirmed(sentAt: Stamp, databaseNow: number): void {
    const at = performance.now();
    const roundTripMs = at - sentAt.monotonic;
    const gapMs = this.#confirmedAt === null ? 0 : at - this.#confirmedAt;
    this.#confirmedAt = at;
    this.#beats = [...this.#beats.filter((beat) => at - beat.at < windowMs), { at, gapMs, roundTripMs, offsetMs: sentAt.wall + roundTripMs / 2 - databaseNow }];
    if (at - this.#diskAt >= diskMs) this.#lookAtDisk(at);
  }

  /** Another incarnation begins: what was late belongs to the former one. */
  forget(): void {
    this.#beats = [];
    this.#confirmedAt = null;
  }

  /** @param masterEpoch the epoch whose lease this node holds, by its own sight */
  now(masterEpoch: number | null): NodeFacts {
    return { filestore: this.#filestore(), systemDisk: this.#disk, clockOffsetMs: this.clockOffsetMs, heartbeatGapMs: this.heartbeatGapMs, masterEpoch, clients: this.#clients };
  }

  /** This host's clock minus the database's: of the fastest round trip, half of which is uncertain. Null before the first one. */
  get clockOffsetMs(): number | null {
    const fastest = this.#beats.reduce<Beat | null>((best, beat) => (best === null || beat.roundTripMs < best.roundTripMs ? beat : best), null);
    return fastest === null ? null : Math.round(fastest.offsetMs);
  }

  /** Longest time between two confirmations in the last ten seconds, the present silence included. */
  get heartbeatGapMs(): number | null {
    if (this.#confirmedAt === null) return null;
    const now = performance.now();
    return Math.round(Math.max(now - this.#confirmedAt, ...this.#beats.filter((beat) => now - beat.at < windowMs).map((beat) => beat.gapMs)));
  }

  /** The file system of the operating system and its logs, at the last look. */
  get systemDisk(): NodeFacts['systemDisk'] {
    return this.#disk;
  }

  /** Milliseconds since the database last confirmed a heartbeat; null when it never did. */
  get silenceMs(): number | null {
    return this.#confirmedAt === null ? null : performance.now() - this.#confirmedAt;
  }

  #lookAtDisk(at: number): void {
    this.#diskAt = at;
    // of the operating system and the logs, whatever folder the service was started in
    const { root } = parse(process.cwd());
    statfs(root).then(
      ({ blocks, bavail, bsize }) => { this.#disk = { path: root, totalBytes: blocks * bsize, freeBytes: bavail * bsize }; },
      () => { this.#disk = null; },
    );
  }
}
