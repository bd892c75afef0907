import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Reader } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import type { CollectionClaim } from '../filestore/index.ts';
import { identityColumns, type DatabaseIdentity } from './connection/identity.ts';
import { readSetting, writeSetting } from './settings.ts';

const setting = 'collection-claim';
const storedLine = z.object({ line: z.string(), supersedes: z.string().nullable() });

/** The claim of the present epoch, and the line that it may replace in the filestore because a person has confirmed that. */
export interface OwnClaim {
  readonly claim: CollectionClaim;
  readonly supersedes: string | null;
}

/** Inside a fenced transaction: what its master claims before it deletes. Null: this database has not begun a line yet. */
export async function ownClaim(trx: Reader): Promise<OwnClaim | null> {
  const found = await sql<DatabaseIdentity & { database: string; epoch: number; leaseId: string }>`
    select ${sql.raw(identityColumns)}, (select oid::text from pg_database where datname = current_database()) as database,
      epoch, lease_id as "leaseId" from leadership`.execute(trx);
  const [row] = found.rows;
  if (row === undefined) throw new BulkheadError('NOT_MASTER');
  const stored = storedLine.safeParse(await readSetting(trx, setting)).data;
  if (stored === undefined) return null;
  const { line, supersedes } = stored;
  const { systemIdentifier, database, timeline, epoch, leaseId } = row;
  return { claim: { line, systemIdentifier, database, timeline, epoch, leaseId }, supersedes };
}

/**
 * A person has confirmed that this database's collection goes on, whoever's the filestore was: a new line begins, which may replace
 * `found` once. Whoever collected under the former line stops when it sees the new one.
 */
export async function beginLine(trx: Reader, found: string | null): Promise<void> {
  await writeSetting(trx, setting, { line: randomUUID(), supersedes: found });
}

/** The first line of a cluster; changes nothing when there is one. To be committed before the filestore hears of it. */
export async function beginFirstLine(trx: Reader): Promise<void> {
  await trx.insertInto('setting').values({ key: setting, value: JSON.stringify({ line: randomUUID(), supersedes: null }) })
    .onConflict((conflict) => conflict.column('key').doNothing()).execute();
}

/** The confirmation is used up: the filestore has this database's claim. */
export async function keepLine(trx: Reader, line: string): Promise<void> {
  await writeSetting(trx, setting, { line, supersedes: null });
}
