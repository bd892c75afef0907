import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Kysely } from 'kysely';
import type { NodeConfig } from '../config/schema.ts';
import { applicationName } from '../metadata/connection/session-settings.ts';
import { openDatabase, type OpenDatabase, type OpenOptions } from '../metadata/connection/database.ts';
import { DatabasePasswords, readPasswords } from '../security/rotating-secrets.ts';
import type { Database } from '../metadata/schema.ts';

/** The database passwords of the configuration; none when it names no file (trust, peer or certificate authentication). */
export async function databasePasswords(config: NodeConfig): Promise<string[]> {
  const { passwordFile } = config.database;
  return passwordFile === undefined ? [] : readPasswords(await readFile(passwordFile, 'utf8'));
}

/** One connection for a command that is no member of the cluster. @throws DATABASE_POOLED */
export async function withDatabase<T>(config: NodeConfig, work: (db: Kysely<Database>) => Promise<T>): Promise<T> {
  const database = (await commandConnections(config))({});
  try {
    return await work(database.db);
  } finally {
    await database.close();
  }
}

/** Makes connections for a command, one session each; whoever opens one closes it. */
export async function commandConnections(config: NodeConfig): Promise<(options: Pick<OpenOptions, 'pooler' | 'statementMs'>) => OpenDatabase> {
  const passwords = new DatabasePasswords(await databasePasswords(config));
  return (options) => openDatabase({ database: config.database, passwords, name: applicationName('command', randomUUID()), max: 1, statementMs: 0, ...options });
}
