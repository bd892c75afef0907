import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pause, waitFor } from '../../harness/wait-for.ts';
import type { ChaosTarget } from './target.ts';

/** Connections that nobody is granted, which starting nodes use (`kept` of the budget names them too). */
const startupSlots = 2;

/** Counts the sessions of nodes again and again: never more than the budget. */
export class BudgetWatch {
  readonly wrong: string[] = [];
  samples = 0;
  most = 0;
  readonly #running: Promise<void>;
  #stopped = false;

  constructor(target: ChaosTarget, budget: number) {
    this.#running = this.#run(target, budget + startupSlots);
  }

  async #run(target: ChaosTarget, limit: number): Promise<void> {
    while (!this.#stopped) {
      const rows = await target.query("select count(*)::int as sessions from pg_stat_activity where application_name like 'bulkhead%'").catch(() => []);
      const sessions = Number(rows[0]?.['sessions'] ?? 0);
      this.samples += rows.length;
      this.most = Math.max(this.most, sessions);
      if (sessions > limit) this.wrong.push(`${String(sessions)} sessions of nodes, ${String(limit)} are allowed`);
      await pause(100);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }
}

/** What the database says of masters and tasks that may not be. */
export async function wrongByRecord({ query: ask }: ChaosTarget): Promise<string[]> {
  const overlapping = await ask(`
    select a.epoch, b.epoch as next from epoch_history a join epoch_history b on b.epoch > a.epoch where a.ended_at is null or a.ended_at > b.since`);
  const late = await ask(`
    select t.kind, t.epoch from task_run t join epoch_history e on e.epoch = t.epoch where t.started_at < e.since or t.started_at > e.ended_at`);
  const twice = await ask('select kind, slot, count(*)::int as runs from task_run where slot is not null group by kind, slot having count(*) > 1');
  return [
    ...overlapping.map((row) => `epochs overlap: ${JSON.stringify(row)}`), ...late.map((row) => `master's work outside its epoch: ${JSON.stringify(row)}`),
    ...twice.map((row) => `a slot ran twice: ${JSON.stringify(row)}`),
  ];
}

/** Files that no row names and no sweep will find: a live node that does not know whether it has committed still has theirs in its staging folder. */
async function orphans({ query, filestore }: ChaosTarget): Promise<string[]> {
  const files = (await readdir(join(filestore, 'blobs'), { recursive: true })).flatMap((name) => name.split('/').slice(-1)).filter((name) => name.includes('.'));
  const rows = await query("select sha256 || '.' || generation as name from blob");
  const named = new Set(rows.map((row) => String(row['name'])));
  const alive = await query('select id from incarnation where gone_at is null or not cleaned');
  const staged = new Set((await Promise.all(alive.map((row) => readdir(join(filestore, 'staging', String(row['id']))).catch(() => [])))).flat());
  return files.filter((name) => !named.has(name) && !staged.has(name));
}

/** Waits for the sweeps of all that is gone; then nothing may be left, and no row without its file. */
export async function wrongInFilestore(target: ChaosTarget): Promise<string[]> {
  const { query: ask, filestore } = target;
  await waitFor('sweeps of all gone incarnations', async () => (await ask('select 1 from incarnation where gone_at is not null and not cleaned')).length === 0, { timeoutMs: 60_000, everyMs: 200 });
  // what is under way for a moment is no orphan
  const left = await waitFor('no orphans', async () => (await orphans(target)).length === 0, { timeoutMs: 20_000, everyMs: 500 }).then(() => [], () => orphans(target));
  const files = new Set((await readdir(join(filestore, 'blobs'), { recursive: true })).flatMap((name) => name.split('/').slice(-1)));
  const rows = await ask("select sha256 || '.' || generation as name from blob where tombstoned_at is null and exists (select from artifact where blob_id = blob.id)");
  const lost = rows.map((row) => String(row['name'])).filter((name) => !files.has(name));
  return [...left.map((name) => `an orphan in the filestore: ${name}`), ...lost.map((name) => `bytes that something refers to are gone: ${name}`)];
}
