import { setTimeout as pause } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import type { NodeConfig } from '../config/schema.ts';
import type { CollectionReport } from '../contract/index.ts';
import type { Filestore } from '../filestore/index.ts';
import {
  beginningOfTime, candidatesBefore, deleteBlobRows, judgeCandidates, lockDoomed, momentAgo, tombstonedBefore, unreferencedCandidates,
  type BlobSize, type Candidate, type DatabaseMoment, type Dated, type TombstonedBlob,
} from '../metadata/collection.ts';
import { cleanedAmong } from '../metadata/membership.ts';
import type { Database } from '../metadata/schema.ts';
import { BatchSize } from './batch-size.ts';
import { claimed, requireUnlocked } from './claim.ts';
import { sweepIncarnation, type SweptFiles } from './sweep.ts';
import type { Task, TaskControl } from './task.ts';

type Files = Pick<Filestore, 'removeAll' | 'remove' | 'verify' | 'incarnations'> & SweptFiles;
type Settings = NodeConfig['tasks']['gc'];

/** Blobs judged in one transaction: few enough that a deploy of one of them hardly waits. */
const judged = { first: 100, least: 50, most: 1000, aimMs: 100 };
/** Blobs deleted in one transaction: nobody waits for one with a tombstone, but whoever takes over waits for the transaction. */
const deleted = { first: 16, least: 16, most: 1000, aimMs: 150 };
/** Of each such transaction for the files, milliseconds: far below what the server lets a transaction of master's work stand idle for. */
const longestRemovalMs = 500;
/** Pause after a transaction in which the filestore has deleted nothing, milliseconds. */
const untilAskedAgainMs = 250;
/** Blobs looked at in one statement of a dry run. */
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
    const size = (): number => listedAtOnce;
    for await (const candidates of this.#candidates(size)) {
      const ids = candidates.map(({ id }) => id);
      const unused = await unreferencedCandidates(this.#control.db, ids);
      report.examined += ids.length;
      report.referenced += ids.length - unused.length;
      report.tombstoned += unused.length;
      report.tombstonedBytes += sum(unused);
    }
    for await (const blobs of this.#doomed(size)) {
      report.deleted += blobs.length;
      report.deletedBytes += sum(blobs);
    }
    return report;
  }

  async #tombstone(): Promise<void> {
    const report = this.#report;
    const size = new BatchSize(judged);
    for await (const candidates of this.#candidates(() => size.next)) {
      const ids = candidates.map(({ id }) => id);
      const verdict = await size.timed(ids.length, () => this.#control.fenced(async (trx) => {
        await requireUnlocked(trx);
        return judgeCandidates(trx, ids, this.#graceEnd);
      }));
      report.examined += ids.length;
      report.referenced += verdict.referenced;
      report.tombstoned += verdict.tombstoned.length;
      report.tombstonedBytes += sum(verdict.tombstoned);
      await this.#control.step({ ...report, phase: 'tombstone' });
    }
  }

  async #delete(): Promise<void> {
    const report = this.#report;
    const size = new BatchSize(deleted);
    for await (const listed of this.#doomed(() => size.next)) {
      for (let left: readonly BlobSize[] = listed; left.length > 0;) {
        const { gone, rest } = await size.timed(left.length, () => claimed((effect) => this.#control.fenced(effect), this.#filestore, (trx) => this.#deleteSome(trx, left)));
        report.deleted += gone.length;
        report.deletedBytes += sum(gone);
        left = rest;
        await this.#control.step({ ...report, phase: 'delete' });
        if (gone.length === 0 && rest.length > 0) await pause(untilAskedAgainMs);
      }
    }
  }

  /** The bytes first: a row without bytes is tried again, bytes without a row would stay for ever. `rest`: those for which there was no time. */
  async #deleteSome(trx: Transaction<Database>, listed: readonly BlobSize[]): Promise<{ readonly gone: readonly BlobSize[]; readonly rest: readonly BlobSize[] }> {
    const blobs = await lockDoomed(trx, listed.map((blob) => blob.id), this.#tombstoneEnd);
    const removed = new Set((await this.#filestore.removeAll(blobs, longestRemovalMs)).gone);
    const gone = blobs.filter((blob) => removed.has(blob));
    await deleteBlobRows(trx, gone.map((blob) => blob.id));
    return { gone, rest: blobs.filter((blob) => !removed.has(blob)) };
  }

  #graceEnd: DatabaseMoment = '-infinity';
  #tombstoneEnd: DatabaseMoment = '-infinity';

  /** Candidates whose grace is over, in pages, up to the cap of a run. */
  async *#candidates(size: () => number): AsyncGenerator<Candidate[]> {
    this.#graceEnd = await momentAgo(this.#control.db, this.#settings.graceSeconds);
    yield* this.#pages(size, (after, limit) => candidatesBefore(this.#control.db, this.#graceEnd, after, limit));
  }

  async *#doomed(size: () => number): AsyncGenerator<TombstonedBlob[]> {
    this.#tombstoneEnd = await momentAgo(this.#control.db, this.#settings.deleteAfterSeconds);
    yield* this.#pages(size, (after, limit) => tombstonedBefore(this.#control.db, this.#tombstoneEnd, after, limit));
  }

  /** Page after page, each beginning where the last one ended: nothing of a run is kept in memory but one page. Many of one moment come in parts. */
  async *#pages<Entry extends Dated>(size: () => number, page: (after: DatabaseMoment, limit: number) => Promise<Entry[]>): AsyncGenerator<Entry[]> {
    let after = beginningOfTime;
    for (let left = this.#settings.maxBlobsPerRun; left > 0;) {
      const entries = await page(after, Math.min(size(), left));
      const last = entries.at(-1);
      if (last === undefined) return;
      for (let part = entries.splice(0, size()); part.length > 0; part = entries.splice(0, size())) {
        yield part;
        left -= part.length;
        await this.#control.step({ ...this.#report });
      }
      after = last.at;
    }
    this.#report.capped = (await page(after, 1)).length > 0 || this.#report.capped;
  }
}

const sum = (blobs: readonly { readonly size: number }[]): number => blobs.reduce((total, blob) => total + blob.size, 0);
