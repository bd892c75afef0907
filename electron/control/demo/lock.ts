import { mkdir, readFile, rm } from 'node:fs/promises';
import Sqlite from 'better-sqlite3';
import { z } from 'zod';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { DemoFolder } from './folder.ts';
import { conditionOf, identify, writeAtomically } from './process/index.ts';

const lockHolder = z.object({ pid: z.number().int(), startedAs: z.string(), who: z.string(), what: z.string(), since: z.number() });
/** Who changes the cluster at this moment, and why. */
export type LockHolder = z.infer<typeof lockHolder>;

export interface DemoLock {
  release(): Promise<void>;
}

/**
 * Takes the one lock for changes to a data folder. The operating system holds it for this process (SQLite's lock on a
 * file), so it ends with the process and never has to be broken; the holder is written beside it for people.
 * Throws DATA_IN_USE, with the holder, when it cannot be had within `waitMs`.
 */
export async function takeLock(folder: DemoFolder, who: string, what: string, waitMs: number, signal?: AbortSignal): Promise<DemoLock> {
  await mkdir(folder.path, { recursive: true, mode: 0o711 });
  const end = performance.now() + waitMs;
  const database = new Sqlite(folder.lockFile, { timeout: 0 });
  try {
    while (!tryLock(database)) {
      if (signal?.aborted === true) throw new BulkheadError('CANCELLED');
      if (performance.now() >= end) throw inUse(folder, await readHolder(folder));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const holder = { ...(await identify(process.pid) ?? { pid: process.pid, startedAs: '' }), who, what, since: Date.now() };
    await writeAtomically(folder.holderFile, `${JSON.stringify(holder)}\n`);
  } catch (error) {
    database.close();
    throw error;
  }
  return {
    async release() {
      await rm(folder.holderFile, { force: true });
      database.close();
    },
  };
}

/** Whoever changes the cluster now; null when nobody does. A holder that has died is nobody. */
export async function readHolder(folder: DemoFolder): Promise<LockHolder | null> {
  try {
    const holder = lockHolder.parse(JSON.parse(await readFile(folder.holderFile, 'utf8')));
    return (await conditionOf(holder)) === 'stopped' ? null : holder;
  } catch {
    return null;
  }
}

function tryLock(database: Sqlite.Database): boolean {
  try {
    database.exec('begin exclusive');
    return true;
  } catch (error) {
    if (error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')) return false;
    throw error;
  }
}

function inUse(folder: DemoFolder, holder: LockHolder | null): BulkheadError {
  const message = holder === null
    ? `Another process changes the demo in ${folder.path}`
    : `The ${holder.who} (process ${holder.pid}) is busy with "${holder.what}" in ${folder.path}`;
  return new BulkheadError('DATA_IN_USE', message, { details: { dataDir: folder.path, holder }, hint: 'Wait until it has finished, or choose another folder.' });
}
