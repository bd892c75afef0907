import type { z } from 'zod';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { logBatch } from '../../contract/index.ts';
import type { SshSession } from '../ssh/index.ts';
import { followJournal } from './journal-command.ts';
import { parseJournalEntry } from './parse-journal.ts';
import { isRoutine } from './routine.ts';

type Batch = z.output<typeof logBatch>;

/** As long as a timer can be. */
const unlimitedMs = 2 ** 31 - 1;
const batchMs = 100;
const firstBatchMs = 1500;
const retryMs = 1000;
const longestRest = 1024 * 1024;

/**
 * The journal of a unit on a host, live: up to 200 earlier lines first, then each batch as it is written. After a loss of the connection it goes on where
 * it was, as soon as the host is back. Throws NO_PRIVILEGE and the like when the host will never show it.
 */
export async function* followHostJournal(connect: () => Promise<SshSession>, unit: string, signal: AbortSignal): AsyncGenerator<Batch> {
  let after: string | null = null;
  let isFirst = true;
  while (!signal.aborted) {
    const session = await connect().catch((error: unknown) => {
      if (isFinal(error)) throw error;
      return null;
    });
    if (session === null) {
      await pause(retryMs, signal);
      continue;
    }
    const reading: Reading = new Reading(session, unit, after, signal);
    for await (const entries of reading.batches()) {
      after = entries.at(-1)?.cursor ?? after;
      const lines = entries.filter(({ message }) => !isRoutine(message)).map(({ line }) => line);
      if (lines.length === 0 && !isFirst) continue;
      yield { reset: isFirst, lines };
      isFirst = false;
    }
    if (reading.failure !== null && isFinal(reading.failure)) throw reading.failure;
    await pause(retryMs, signal);
  }
}

const final = new Set(['NO_PRIVILEGE', 'SUDO_PASSWORD_WRONG', 'AUTH_FAILED', 'HOST_KEY_UNKNOWN', 'HOST_KEY_CHANGED', 'HOST_KEY_REVOKED', 'HOST_NOT_FOUND', 'CANCELLED']);

function isFinal(error: unknown): boolean {
  return error instanceof BulkheadError && final.has(error.code);
}

/** One run of the command that follows. */
class Reading {
  failure: Error | null = null;
  readonly #signal: AbortSignal;
  #rest = '';
  #entries: NonNullable<ReturnType<typeof parseJournalEntry>>[] = [];
  #isOver = false;
  #wake = (): void => undefined;

  constructor(session: SshSession, unit: string, after: string | null, signal: AbortSignal) {
    this.#signal = signal;
    session.run(followJournal(unit, after), {
      sudo: true, timeoutMs: unlimitedMs, maxOutputBytes: 2048, signal,
      onOutput: ({ stream, text }) => { if (stream === 'stdout') this.#read(text); },
    }).catch((error: unknown) => { this.failure = error instanceof Error ? error : null; }).finally(() => { this.#isOver = true; this.#wake(); });
  }

  /** Batches of what came; an empty one when the host shows nothing for a while at the beginning. */
  async* batches(): AsyncGenerator<readonly NonNullable<ReturnType<typeof parseJournalEntry>>[]> {
    let isFirst = true;
    while (!this.#signal.aborted) {
      if (this.#entries.length === 0 && !this.#isOver) await this.#next(isFirst ? firstBatchMs : unlimitedMs);
      // a burst is one batch
      if (this.#entries.length > 0 && !this.#isOver) await pause(batchMs, this.#signal);
      const entries = this.#entries;
      this.#entries = [];
      if (entries.length > 0 || isFirst) yield entries;
      isFirst = false;
      if (this.#isOver && this.#entries.length === 0) return;
    }
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = (lines.pop() ?? '').slice(-longestRest);
    const now = Date.now();
    for (const line of lines) {
      const entry = parseJournalEntry(line, now);
      if (entry !== null) this.#entries.push(entry);
    }
    if (this.#entries.length > 0) this.#wake();
  }

  #next(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => { clearTimeout(timer); this.#signal.removeEventListener('abort', done); resolve(); };
      const timer = setTimeout(done, milliseconds);
      this.#wake = done;
      this.#signal.addEventListener('abort', done, { once: true });
    });
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => { clearTimeout(timer); signal.removeEventListener('abort', done); resolve(); };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done, { once: true });
  });
}
