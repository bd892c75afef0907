import { sql, type Kysely } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import { BulkheadError, type UpgradeBegin, type UpgradeHold, type UpgradeRow, type UpgradeWrite } from '../contract/index.ts';
import type { Database } from './schema.ts';

/** Runs that are kept, newest first. */
const kept = 20;

const columns = sql.raw(`id, plan, progress, state, wish, started_by as "startedBy", holder,
  (extract(epoch from started_at) * 1000)::float8 as "startedAt", (extract(epoch from ended_at) * 1000)::float8 as "endedAt",
  (extract(epoch from holder_until) * 1000)::float8 as "holderUntil", (extract(epoch from clock_timestamp()) * 1000)::float8 as "asOf"`);

/** Begins a run; it holds the cluster's only place for one. @throws UPGRADE_RUNNING */
export async function beginUpgrade(db: Kysely<Database>, run: UpgradeBegin): Promise<UpgradeRow> {
  const begun = await sql<UpgradeRow>`
    insert into upgrade_run (id, plan, progress, state, started_by, holder, holder_token, holder_until)
    values (${run.id}, ${JSON.stringify(run.plan)}::jsonb, ${JSON.stringify(run.progress)}::jsonb, 'running', ${run.holder}, ${run.holder}, ${run.token},
      clock_timestamp() + make_interval(secs => ${run.ttlSeconds}))
    on conflict do nothing returning ${columns}`.execute(db);
  const row = begun.rows[0];
  if (row === undefined) throw await heldBy(db);
  await sql`delete from upgrade_run where ended_at is not null and id not in (select id from upgrade_run order by started_at desc limit ${kept})`.execute(db);
  return row;
}

/**
 * Makes the caller the holder of a run: one that stands still (paused, failed, ended), one that it holds already, or one whose holder
 * was not heard of until its deadline. @throws UPGRADE_RUNNING, RUN_NOT_FOUND
 */
export async function takeUpgrade(db: Kysely<Database>, take: UpgradeHold & { readonly state: 'running' | 'rolling-back' }): Promise<UpgradeRow> {
  const open = await sql<{ id: string }>`select id from upgrade_run where ended_at is null and id <> ${take.id}`.execute(db);
  if (open.rows.length > 0) throw await heldBy(db);
  const taken = await sql<UpgradeRow>`
    update upgrade_run set holder = ${take.holder}, holder_token = ${take.token}, state = ${take.state}, wish = null, ended_at = null,
      holder_until = clock_timestamp() + make_interval(secs => ${take.ttlSeconds})
    where id = ${take.id} and (holder_token = ${take.token} or holder_until < clock_timestamp() or state not in ('running', 'rolling-back'))
    returning ${columns}`.execute(db).catch(async (error: unknown) => {
    // somebody has begun another one in between
    if ((error as { code?: string }).code === '23505') throw await heldBy(db);
    throw error;
  });
  const row = taken.rows[0];
  if (row !== undefined) return row;
  if ((await listUpgrades(db)).some(({ id }) => id === take.id)) throw await heldBy(db);
  throw new BulkheadError('RUN_NOT_FOUND');
}

/** Writes the progress down and renews the hold. @throws UPGRADE_TAKEN_OVER when the run has another holder now */
export async function writeUpgrade(db: Reader, write: UpgradeWrite): Promise<UpgradeRow> {
  const ended = write.state === 'running' || write.state === 'rolling-back' || write.state === 'paused' ? null : sql`clock_timestamp()`;
  const written = await sql<UpgradeRow>`
    update upgrade_run set progress = ${JSON.stringify(write.progress)}::jsonb, state = ${write.state}, ended_at = ${ended},
      holder_until = clock_timestamp() + make_interval(secs => ${write.ttlSeconds})
    where id = ${write.id} and holder_token = ${write.token} returning ${columns}`.execute(db);
  const row = written.rows[0];
  if (row === undefined) throw new BulkheadError('UPGRADE_TAKEN_OVER');
  return row;
}

/** Asks the holder to pause. */
export async function wishPause(db: Reader, id: string): Promise<UpgradeRow> {
  const found = await sql<UpgradeRow>`update upgrade_run set wish = 'pause' where id = ${id} and state = 'running' returning ${columns}`.execute(db);
  const row = found.rows[0];
  if (row === undefined) throw new BulkheadError('RUN_STATE', 'The run is not under way: it cannot be paused');
  return row;
}

/** Newest first. */
export async function listUpgrades(db: Reader): Promise<UpgradeRow[]> {
  const found = await sql<UpgradeRow>`select ${columns} from upgrade_run order by started_at desc limit ${kept}`.execute(db);
  return found.rows;
}

async function heldBy(db: Reader): Promise<BulkheadError> {
  const [open] = (await listUpgrades(db)).filter(({ endedAt }) => endedAt === null);
  if (open === undefined) return new BulkheadError('UPGRADE_RUNNING');
  const until = new Date(open.holderUntil).toISOString();
  return new BulkheadError('UPGRADE_RUNNING', `${open.holder} has begun an upgrade of this cluster (${open.state}, heard of until ${until})`, {
    details: { runId: open.id, holder: open.holder, state: open.state, holderUntil: until },
  });
}
