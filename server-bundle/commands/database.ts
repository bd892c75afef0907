import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Kysely } from 'kysely';
import type { NodeConfig } from '../config/schema.ts';
import { applicationName } from '../metadata/connection/session-settings.ts';
import { openDatabase } from '../metadata/connection/database.ts';
import type { Database } from '../metadata/schema.ts';

/** The database password of the configuration; undefined when it names no file (trust, peer or certificate authentication). */
export async function databasePassword(config: NodeConfig): Promise<string | undefined> {
  const { passwordFile } = config.database;
  return passwordFile === undefined ? undefined : (await readFile(passwordFile, 'utf8')).replace(/\r?\n$/, '');
}

/** One connection for a command that is no member of the cluster. */
export async function withDatabase<T>(config: NodeConfig, work: (db: Kysely<Database>) => Promise<T>): Promise<T> {
  const password = await databasePassword(config);
  const database = openDatabase({
    database: config.database, password, name: applicationName('command', randomUUID()), max: 1, statementMs: 0,
  });
  try {
    return await work(database.db);
  } finally {
    await database.close();
  }
}
