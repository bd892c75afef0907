import type { NodeConfig } from '../config/schema.ts';
import type { CollectionReport } from '../contract/index.ts';
import type { Filestore } from '../filestore/index.ts';
import {
  candidatesBefore, deleteBlobRows, judgeCandidates, lockDoomed, momentAgo, tombstonedBefore, unreferencedCandidates,
  type DatabaseMoment,
} from '../metadata/collection.ts';
import { cleanedAmong } from '../metadata/membership.ts';
import { claimed, requireUnlocked } from './claim.ts';
import { sweepIncarnation, type SweptFiles } from './sweep.ts';
import type { Task, TaskControl } from './task.ts';

type Files = Pick<Filestore, 'remove' | 'verify' | 'incarnations'> & SweptFiles;
type Settings = NodeConfig['tasks']['gc'];

/** Blobs judged in one transaction: few enough that a deploy of one of them hardly waits. */
const judgedAtOnce = 100;
/** Files deleted in one transaction: on a slow share each can take tens of milliseconds. */
const deletedAtOnce = 16;
const listedAtOnce = 1000;

/** Collection of blobs that nothing refers to any more (design: blob lifecycle). */
export function collectGarbage(filestore: Files, settings: Settings): Task {
  return {
    kind: 'gc',
    slotSeconds: settings.intervalMinutes === 0 ? null : settings.intervalMinutes * 60,
    announced: () => true,
    run: async (args, control) => {
      const collection = new Collection(filestore, settings, control);
      return args['dryRun'] === true ? collection.rehearse() : collection.collect();
    },
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

class Collection {
  readonly #filestore: Files;
  readonly #settings: Settings;
  readonly #control: TaskControl;
  readonly #report: Mutable<CollectionReport> = {
    dryRun: false, examined: 0, referenced: 0, tombstoned: 0, tombstonedBytes: 0, deleted: 0, deletedBytes: 0, capped: false,
  };

  constructor(filestore: Files, settings: Settings, control: TaskControl) {
    this.#filestore = filestore;
    this.#settings = settings;
    this.#control = control;
  }

  /** Tombstones what has been unreferenced for the grace period, then deletes what has had its tombstone for long enough. */
  async collect(): Promise<CollectionReport> {
    // a share that is not the right one stops the run before anything is marked
    await this.#filestore.verify();
    await this.#tombstone();
    await this.#delete();
    await this.#sweepLate();
    return this.#report;
  }

  /** What a writer left that woke up after its incarnation had been swept, and was ended before it could take it away itself. */
  async #sweepLate(): Promise<void> {
    // the folders first: whoever makes one now has been a member for longer
    const folders = await this.#filestore.incarnations();
    for (const incarnation of await cleanedAmong(this.#control.db, folders)) {
      await sweepIncarnation(this.#filestore, { leadership: { fenced: (effect) => this.#control.fenced((trx) => effect(trx, 0)) } }, incarnation);
      await this.#control.step({ ...this.#report });
    }
  }

  /** The same walk without any effect. */
  async rehearse(): Promise<CollectionReport> {
    const report = this.#report;
    report.dryRun = true;
    for await (const ids of this.#candidates()) {
      const unused = await unreferencedCandidates(this.#control.db, ids);
      report.examined += ids.length;
      report.referenced += ids.length - unused.length;
      report.tombstoned += unused.length;
      report.tombstonedBytes += sum(unused);
    }
    for await (const blobs of this.#doomed()) {
      report.deleted += blobs.length;
      report.deletedBytes += sum(blobs);
    }
    return report;
  }

  async #tombstone(): Promise<void> {
    const report = this.#report;
    for await (const ids of this.#candidates()) {
      for (const batch of chunks(ids, judgedAtOnce)) {
        const verdict = await this.#control.fenced(async (trx) => {
          await requireUnlocked(trx);
          return judgeCandidates(trx, batch, this.#graceEnd);
        });
        report.examined += batch.length;
        report.referenced += verdict.referenced;
        report.tombstoned += verdict.tombstoned.length;
        report.tombstonedBytes += sum(verdict.tombstoned);
        await this.#control.step({ ...report, phase: 'tombstone' });
      }
    }
  }

  async #delete(): Promise<void> {
    const report = this.#report;
    for await (const listed of this.#doomed()) {
      for (const batch of chunks(listed, deletedAtOnce)) {
        const deleted = await claimed((effect) => this.#control.fenced(effect), this.#filestore, async (trx) => {
          const blobs = await lockDoomed(trx, batch.map((blob) => blob.id), this.#tombstoneEnd);
          // the bytes first: a row without bytes is tried again, bytes without a row would stay for ever
          for (const blob of blobs) await this.#filestore.remove(blob.sha256, blob.generation);
          await deleteBlobRows(trx, blobs.map((blob) => blob.id));
          return blobs;
        });
        report.deleted += deleted.length;
        report.deletedBytes += sum(deleted);
        await this.#control.step({ ...report, phase: 'delete' });
      }
    }
  }

  #graceEnd: DatabaseMoment = '-infinity';
  #tombstoneEnd: DatabaseMoment = '-infinity';

  /** Candidates whose grace is over, in pages, up to the cap of a run. */
  async *#candidates(): AsyncGenerator<number[]> {
    this.#graceEnd = await momentAgo(this.#control.db, this.#settings.graceSeconds);
    yield* this.#pages((after, limit) => candidatesBefore(this.#control.db, this.#graceEnd, after, limit), (id) => id);
  }

  async *#doomed(): AsyncGenerator<{ id: number; size: number }[]> {
    this.#tombstoneEnd = await momentAgo(this.#control.db, this.#settings.deleteAfterSeconds);
    yield* this.#pages((after, limit) => tombstonedBefore(this.#control.db, this.#tombstoneEnd, after, limit), (blob) => blob.id);
  }

  async *#pages<T>(page: (after: number, limit: number) => Promise<T[]>, idOf: (entry: T) => number): AsyncGenerator<T[]> {
    let after = 0;
    let left = this.#settings.maxBlobsPerRun;
    for (;;) {
      const entries = await page(after, Math.min(listedAtOnce, left));
      const last = entries.at(-1);
      if (last === undefined) return;
      yield entries;
      await this.#control.step({ ...this.#report });
      after = idOf(last);
      left -= entries.length;
      if (left <= 0) {
        this.#report.capped = (await page(after, 1)).length > 0 || this.#report.capped;
        return;
      }
    }
  }
}

const sum = (blobs: readonly { readonly size: number }[]): number => blobs.reduce((total, blob) => total + blob.size, 0);

function* chunks<T>(list: readonly T[], size: number): Generator<T[]> {
  for (let start = 0; start < list.length; start += size) yield list.slice(start, start + size);
}
