import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import { pruneEvents } from '../../metadata/events.ts';
import { rebalance, releaseDeadGrants } from '../../metadata/grants.ts';
import type { GoneRow, HeartbeatAnswer } from '../../metadata/heartbeat.ts';
import { endSessions, forgetOldIncarnations, markCleaned } from '../../metadata/membership.ts';
import type { Database } from '../../metadata/schema.ts';
import type { Leadership } from '../ports.ts';

export interface ChoresOptions {
  readonly leadership: Leadership;
  readonly work: Kysely<Database>;
  readonly log: Logger;
  readonly keepForOthers: number;
  readonly keepEvents: number;
  /** sweeps what a gone incarnation left; never called while collection is locked */
  readonly sweep: (incarnation: string) => Promise<void>;
}

const tidyMs = 30_000;

/** What the master does about the membership with its heartbeats: ends sessions of the gone, frees their grants, sweeps, tidies. */
export class Chores {
  readonly #options: ChoresOptions;
  #busy = false;
  #sweeping = false;
  #tidiedAt = 0;
  #members = '';

  constructor(options: ChoresOptions) {
    this.#options = options;
  }

  heartbeat(answer: HeartbeatAnswer): void {
    if (this.#busy || !this.#options.leadership.isMaster()) return;
    this.#busy = true;
    this.#do(answer)
      .catch((error: unknown) => { this.#options.log.warn({ err: error }, "master's chores were interrupted"); })
      .finally(() => { this.#busy = false; });
  }

  async #do(answer: HeartbeatAnswer): Promise<void> {
    const { work, keepForOthers, keepEvents, leadership } = this.#options;
    for (const gone of answer.gone) if (gone.sessions > 0) await endSessions(work, gone.id);
    const ended = answer.gone.filter((row) => row.sessions === 0);
    const members = answer.members.map((member) => member.id).join();
    if (members !== this.#members) {
      await rebalance(work, keepForOthers);
      this.#members = members;
    } else if (ended.length > 0) await releaseDeadGrants(work);
    if (answer.collectionLocked === null && !this.#sweeping) void this.#sweepAll(ended);
    if (performance.now() - this.#tidiedAt < tidyMs) return;
    this.#tidiedAt = performance.now();
    await leadership.fenced(async (trx) => {
      await pruneEvents(trx, keepEvents);
      await forgetOldIncarnations(trx);
    });
  }

  /** Beside the rest: a slow filestore must not keep the master from its other chores. */
  async #sweepAll(ended: readonly GoneRow[]): Promise<void> {
    this.#sweeping = true;
    for (const gone of ended) await this.#sweep(gone);
    this.#sweeping = false;
  }

  async #sweep(gone: GoneRow): Promise<void> {
    const { leadership, log, sweep } = this.#options;
    try {
      if (!leadership.isMaster()) return;
      await sweep(gone.id);
      await leadership.fenced((trx) => markCleaned(trx, gone.id));
    } catch (error) {
      log.warn({ err: error, incarnation: gone.id }, 'leftovers of a gone incarnation could not be swept yet');
    }
  }
}
