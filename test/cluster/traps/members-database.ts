import { randomUUID } from 'node:crypto';
import { openDatabase, type OpenDatabase } from '../../../server-bundle/metadata/connection/database.ts';
import { applicationName } from '../../../server-bundle/metadata/connection/session-settings.ts';
import { takeOver, type TakenLease } from '../../../server-bundle/metadata/leadership.ts';
import { join } from '../../../server-bundle/metadata/membership.ts';
import { migrate } from '../../../server-bundle/metadata/migrator.ts';
import { DatabasePasswords } from '../../../server-bundle/security/rotating-secrets.ts';
import type { TestPostgres } from '../../harness/postgres.ts';

/** An incarnation without a process: its rows, and sessions of its own. */
export interface DatabaseMember {
  readonly id: string;
  readonly nodeId: string;
  readonly database: OpenDatabase;
}

/** A migrated database in which tests are the members. No wait for a lock is longer than `lockMs`. */
export interface MembersDatabase extends AsyncDisposable {
  readonly name: string;
  /** a session that belongs to no member */
  readonly own: OpenDatabase;
  open(incarnation: string | null, more?: Partial<Parameters<typeof openDatabase>[0]>): OpenDatabase;
  member(nodeId: string, url?: string): Promise<DatabaseMember>;
  take(by: DatabaseMember, seen: { epoch: number; leaseId: string } | null, planned?: boolean): Promise<{ taken: TakenLease | null; leaseId: string }>;
}

/** @param name of a database that is there already; left out: a new one */
export async function membersDatabase(postgres: TestPostgres, lockMs = 3000, name?: string): Promise<MembersDatabase> {
  const database = name ?? await postgres.createDatabase();
  const opened: OpenDatabase[] = [];
  const open: MembersDatabase['open'] = (incarnation, more = {}) => {
    const { host, port, user, password } = postgres;
    const made = openDatabase({
      database: { host, port, name: database, user, tls: { mode: 'disable' }, pool: { min: 2, max: 4 }, keepForOthers: 0, statementTimeoutMs: 20_000 },
      passwords: new DatabasePasswords([password]), name: incarnation === null ? 'test' : applicationName('node', incarnation), max: 4, lockMs,
      ...(incarnation === null ? {} : { incarnation }), ...more,
    });
    opened.push(made);
    return made;
  };
  const own = open(null);
  if (name === undefined) await migrate(own.db);
  return {
    name: database, own, open,
    async member(nodeId, url = `http://${nodeId}`) {
      const id = randomUUID();
      await join(own.db, { nodeId, incarnation: id, url, version: '1', stoodStill: null });
      return { id, nodeId, database: open(id) };
    },
    async take(by, seen, planned = false) {
      const leaseId = randomUUID();
      return { leaseId, taken: await takeOver(by.database.db, { incarnation: by.id, nodeId: by.nodeId, leaseId, seen, planned, ttlMs: 60_000 }) };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(opened.map((each) => each.close()));
    },
  };
}
