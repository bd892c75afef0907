import { Counter, type Registry } from 'prom-client';
import type { Logger } from 'pino';
import type { Session } from '../../cluster/ports.ts';
import { insertAuditEntries, type NewAuditEntry } from '../../metadata/audit/audit-entries.ts';

/** Entries that wait at most; more are counted and dropped, so that a flood costs neither memory nor the database. */
const mostWaiting = 10_000;
const atOnce = 200;
const pauseMs = 250;

/** What no transaction carries (refusals, reads when they are wanted): written in batches, beside the requests. */
export class AuditTrail {
  readonly #waiting: NewAuditEntry[] = [];
  readonly #session: () => Session;
  readonly #log: Logger;
  readonly #dropped: Counter;
  #timer: NodeJS.Timeout | null = null;
  #writing = false;

  /** @param session the present one; throws while there is none */
  constructor(session: () => Session, log: Logger, metrics: Registry) {
    this.#session = session;
    this.#log = log;
    this.#dropped = new Counter({ name: 'bulkhead_audit_dropped_total', help: 'Audit entries that could not be kept', registers: [metrics] });
  }

  add(entry: NewAuditEntry): void {
    if (this.#waiting.length >= mostWaiting) {
      this.#dropped.inc();
      return;
    }
    this.#waiting.push(entry);
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => { void this.flush(); }, pauseMs);
    this.#timer.unref();
  }

  /** Writes what waits; what the database does not take stays for the next time. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#writing) return;
    this.#writing = true;
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.slice(0, atOnce);
        await insertAuditEntries(this.#session().db, batch);
        this.#waiting.splice(0, batch.length);
      }
    } catch (error) {
      this.#log.debug({ err: error, waiting: this.#waiting.length }, 'audit entries wait');
    } finally {
      this.#writing = false;
      if (this.#waiting.length > 0) {
        this.#timer ??= setTimeout(() => { void this.flush(); }, 4 * pauseMs);
        this.#timer.unref();
      }
    }
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
