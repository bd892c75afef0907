import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';

/** A setting of the whole cluster; undefined when it was never set. */
export async function readSetting(db: Reader, key: string): Promise<unknown> {
  const row = await db.selectFrom('setting').select('value').where('key', '=', key).executeTakeFirst();
  return row?.value;
}

/** @param value anything that JSON can hold */
export async function writeSetting(db: Reader, key: string, value: unknown): Promise<void> {
  const json = JSON.stringify(value);
  await db.insertInto('setting').values({ key, value: json })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: json, updated_at: sql`clock_timestamp()` })).execute();
}
