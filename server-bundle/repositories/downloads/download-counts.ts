import type { Logger } from 'pino';
import type { Reader } from '../../cluster/ports.ts';
import type { StoredFile } from '../../metadata/artifacts.ts';
import { addDownloads, type CountedDownloads } from '../../metadata/downloads.ts';

/** Between the first download that is not written and the statement that writes it, milliseconds. */
const pauseMs = 5000;
/** Files that wait at most; downloads of more are not counted, so that neither memory nor the database pays for a flood. */
const mostWaiting = 20_000;
const atOnce = 1000;

interface Waiting { count: number; at: number; by: string }

/**
 * Counts downloads in memory and writes them down in batches: a download costs the database nothing. Counts are told as approximate: those of a node that is killed in between are lost.
 * One for each process.
 */
export class DownloadCounts {
  /** by the file as it is cached, so that counting makes no string */
  #waiting = new Map<StoredFile, Waiting>();
  readonly #database: () => Reader;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();

  /** @param database of the present incarnation; throws while there is none */
  constructor(database: () => Reader, log: Logger) {
    this.#database = database;
    this.#log = log;
  }

  add(file: StoredFile, by: string): void {
    const known = this.#waiting.get(file);
    if (known !== undefined) {
      known.count += 1;
      known.at = Date.now();
      known.by = by;
      return;
    }
    if (this.#waiting.size >= mostWaiting) return;
    this.#waiting.set(file, { count: 1, at: Date.now(), by });
    this.#timer ??= setTimeout(() => { void this.flush(); }, pauseMs).unref();
  }

  /** Writes what waits. What the database does not take is dropped, and logged. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const counted = together(this.#waiting);
    this.#waiting = new Map();
    this.#writing = this.#writing.then(() => this.#write(counted));
    await this.#writing;
  }

  async #write(counted: readonly CountedDownloads[]): Promise<void> {
    try {
      for (let from = 0; from < counted.length; from += atOnce) await addDownloads(this.#database(), counted.slice(from, from + atOnce));
    } catch (error) {
      this.#log.debug({ err: error, files: counted.length }, 'downloads are not counted');
    }
  }
}

/** One for each path: a file that was cached anew meanwhile waits more than once, and a statement may name a row only once. */
function together(waiting: ReadonlyMap<StoredFile, Waiting>): CountedDownloads[] {
  const byPath = new Map<string, CountedDownloads>();
  for (const [{ repositoryId, path }, { count, at, by }] of waiting) {
    const key = `${String(repositoryId)}/${path}`;
    const known = byPath.get(key);
    const last = known !== undefined && known.lastAt.getTime() > at ? known : { lastAt: new Date(at), lastBy: by };
    byPath.set(key, { repositoryId, path, downloads: count + (known?.downloads ?? 0), lastAt: last.lastAt, lastBy: last.lastBy });
  }
  return [...byPath.values()];
}
