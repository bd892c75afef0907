import { loadNodeConfig } from '../config/load.ts';
import { BulkheadError } from '../contract/index.ts';
import { requireSupportedServer } from '../metadata/migrator.ts';
import { serverFacts } from '../metadata/server-facts.ts';
import { withDatabase } from './database.ts';
import { say } from './output.ts';

/** A clock that is further off than this is told, milliseconds: nothing depends on it but the times that people read. */
const tolerableOffsetMs = 5000;

/**
 * `bulkhead-node check-database`: signs in with the node's own configuration and says what it found. Changes nothing.
 * @throws DATABASE_UNAVAILABLE, DATABASE_UNSUPPORTED
 */
export async function checkDatabaseCommand(configFile: string, json: boolean): Promise<void> {
  const config = await loadNodeConfig(configFile);
  const { host, port, name, user, keepForOthers } = config.database;
  const facts = await withDatabase(config, async (db) => {
    await requireSupportedServer(db);
    return serverFacts(db, keepForOthers);
  });
  if (!facts.mayCreate && !facts.hasSchema) {
    throw new BulkheadError('DATABASE_UNSUPPORTED', `The role "${user}" may not make tables in the database "${name}"`, {
      hint: `Make it the owner: ALTER DATABASE ${name} OWNER TO ${user}; and on PostgreSQL 15 or newer GRANT CREATE ON SCHEMA public TO ${user};`,
    });
  }
  const warnings = Math.abs(facts.clockOffsetMs) > tolerableOffsetMs ? [`the clock of this host is ${String(facts.clockOffsetMs)} ms off the database's`] : [];
  say(json, { ...facts, warnings },
    `PostgreSQL ${facts.serverVersion} at ${host}:${String(port)} answers in ${String(facts.roundTripMs)} ms; budget ${String(facts.budget)}, granted ${String(facts.granted)}; clock ${String(facts.clockOffsetMs)} ms off${warnings.length > 0 ? ' (!)' : ''}.`);
}
