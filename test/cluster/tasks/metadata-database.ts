import { createHash, randomUUID } from 'node:crypto';
import { DatabasePasswords } from '../../../server-bundle/security/rotating-secrets.ts';
import { sql, type Kysely, type Transaction } from 'kysely';
import type { Session } from '../../../server-bundle/cluster/ports.ts';
import { openDatabase } from '../../../server-bundle/metadata/connection/database.ts';
import { appendEvent } from '../../../server-bundle/metadata/events.ts';
import { fencedTransaction, takeOver } from '../../../server-bundle/metadata/leadership.ts';
import { join, markGone } from '../../../server-bundle/metadata/membership.ts';
import { migrate } from '../../../server-bundle/metadata/migrator.ts';
import type { Database } from '../../../server-bundle/metadata/schema.ts';
import type { TestPostgres } from '../../harness/postgres.ts';
import { waitFor } from '../../harness/wait-for.ts';

/** A migrated database of its own, with connections for transactions that run side by side. */
export interface MetadataDatabase extends AsyncDisposable {
  readonly db: Kysely<Database>;
  /** Adds a blob that nothing refers to. */
  addBlob(content: string, generation?: string): Promise<number>;
  addCandidate(blobId: number, secondsAgo?: number): Promise<void>;
  candidates(): Promise<number[]>;
  tombstoned(): Promise<number[]>;
  /** Resolves when some session waits for a lock. */
  untilSomebodyWaits(): Promise<void>;
  /** Makes a new incarnation the master; the predecessor is gone then. */
  takeOver(nodeId: string): Promise<Master>;
}

export type Master = Pick<Session, 'db' | 'nodeId' | 'incarnation' | 'leadership' | 'events'>;

export const repositoryId = 1;

export async function metadataDatabase(postgres: TestPostgres): Promise<MetadataDatabase> {
  const name = await postgres.createDatabase();
  const open = openDatabase({
    database: {
      host: postgres.host, port: postgres.port, name, user: postgres.user, tls: { mode: 'disable' }, pool: { min: 2, max: 10 },
      keepForOthers: 0, statementTimeoutMs: 30_000,
    },
    passwords: new DatabasePasswords([postgres.password]), name: 'test', max: 10,
  });
  const { db } = open;
  await migrate(db);
  await sql`insert into cluster (id, name, system_identifier, timeline) values (${randomUUID()}, 'test', '1', 1)`.execute(db);
  await sql`insert into repository (key, rclass, package_type, layout, created_by) values ('generic-local', 'local', 'generic', 'simple', 'test')`.execute(db);
  let seen: { epoch: number; leaseId: string } | null = null;
  let former: { id: string; nodeId: string } | null = null;
  return {
    db,
    async addBlob(content, generation = randomUUID()) {
      const digest = (algorithm: string): string => createHash(algorithm).update(content).digest('hex');
      const row = await db.insertInto('blob')
        .values({ sha256: digest('sha256'), sha1: digest('sha1'), md5: digest('md5'), generation, size: content.length })
        .returning('id').executeTakeFirstOrThrow();
      return row.id;
    },
    async addCandidate(blobId, secondsAgo = 60) {
      await sql`insert into collection_candidate (blob_id, since) values (${blobId}, clock_timestamp() - make_interval(secs => ${secondsAgo}))`.execute(db);
    },
    candidates: async () => (await db.selectFrom('collection_candidate').select('blob_id').orderBy('blob_id').execute()).map((row) => row.blob_id),
    tombstoned: async () => (await db.selectFrom('blob').select('id').where('tombstoned_at', 'is not', null).orderBy('id').execute()).map((row) => row.id),
    async untilSomebodyWaits() {
      await waitFor('a session that waits for a lock', async () =>
        (await postgres.query(`select 1 from pg_stat_activity where datname = '${name}' and wait_event_type = 'Lock'`)).length > 0);
    },
    async takeOver(nodeId) {
      if (former !== null) await markGone(db, former, 'lost');
      const incarnation = randomUUID();
      const leaseId = randomUUID();
      await join(db, { nodeId, incarnation, url: `http://${nodeId}`, version: '0', stoodStill: null });
      const won = await takeOver(db, { incarnation, nodeId, leaseId, seen, planned: false, ttlMs: 3000 });
      if (won === null) throw new Error('the lease was taken by somebody else');
      seen = { epoch: won.epoch, leaseId };
      former = { id: incarnation, nodeId };
      const lease = { epoch: won.epoch, leaseId, limitMs: 5000 };
      return {
        db, nodeId, incarnation,
        leadership: {
          current: () => ({ nodeId, epoch: won.epoch, since: won.since }),
          isMaster: () => true,
          fenced: (effect) => fencedTransaction(db, lease, (trx) => effect(trx, won.epoch)),
          handOver: () => Promise.reject(new Error('not here')),
        },
        events: { publish: (event, trx) => appendEvent(trx ?? db, event) },
      };
    },
    [Symbol.asyncDispose]: () => open.close(),
  };
}

/** A transaction that a test leads by hand, statement by statement. */
export interface OpenTransaction {
  readonly trx: Transaction<Database>;
  commit(): Promise<void>;
}

export async function begin(db: Kysely<Database>): Promise<OpenTransaction> {
  const started = Promise.withResolvers<Transaction<Database>>();
  const end = Promise.withResolvers<undefined>();
  const whole = db.transaction().execute(async (trx) => {
    started.resolve(trx);
    await end.promise;
  });
  whole.catch((error: unknown) => { started.reject(error); });
  return {
    trx: await started.promise,
    commit: async () => {
      end.resolve(undefined);
      await whole;
    },
  };
}
