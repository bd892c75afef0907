import { loadNodeConfig } from '../config/load.ts';
import { BulkheadError } from '../contract/index.ts';
import { requireSupportedServer } from '../metadata/migrator.ts';
import { poolerBetween, poolerRefusal } from '../metadata/connection/pooler.ts';
import { serverFacts } from '../metadata/server-facts.ts';
import { commandConnections } from './database.ts';
import { say } from './output.ts';

/** A clock that is further off than this is told, milliseconds: nothing depends on it but the times that people read. */
const tolerableOffsetMs = 5000;

/**
 * `bulkhead-node check-database`: signs in with the node's own configuration and says what it found. Changes nothing.
 * A pooler that answers is told, and refused only where it lets no session in.
 * @throws DATABASE_UNAVAILABLE, DATABASE_UNSUPPORTED, DATABASE_POOLED
 */
export async function checkDatabaseCommand(configFile: string, json: boolean): Promise<void> {
  const config = await loadNodeConfig(configFile);
  const { host, port, name, user, keepForOthers } = config.database;
  const where = `${host}:${String(port)}/${name}`;
  const open = await commandConnections(config);
  const connection = open({ pooler: 'told' });
  const facts = await (async () => {
    await requireSupportedServer(connection.db);
    const found = await serverFacts(connection.db, keepForOthers);
    const poolMode = connection.livePids().includes(found.backendPid) ? null : await poolerBetween(() => open({ pooler: 'told', statementMs: 3000 }));
    return { ...found, pooled: poolMode !== null, poolMode };
  })().catch((error: unknown) => { throw explained(error, `${user} at ${where}`, where); }).finally(() => connection.close());
  if (!facts.mayCreate && !facts.hasSchema) {
    throw new BulkheadError('DATABASE_UNSUPPORTED', `The role "${user}" may not make tables in the database "${name}"`, {
      hint: `Make it the owner: ALTER DATABASE ${name} OWNER TO ${user}; and on PostgreSQL 15 or newer GRANT CREATE ON SCHEMA public TO ${user};`,
    });
  }
  const warnings = Math.abs(facts.clockOffsetMs) > tolerableOffsetMs ? [`the clock of this host is ${String(facts.clockOffsetMs)} ms off the database's`] : [];
  const { backendPid: _, ...shown } = facts;
  say(json, { ...shown, warnings },
    `PostgreSQL ${facts.serverVersion} at ${host}:${String(port)} answers in ${String(facts.roundTripMs)} ms; budget ${String(facts.budget)}, granted ${String(facts.granted)}; clock ${String(facts.clockOffsetMs)} ms off${warnings.length > 0 ? ' (!)' : ''}.`);
}

/** By SQLSTATE (PostgreSQL, appendix A): what stands between this host and the database. */
const refusals: Readonly<Record<string, { what: string; hint: string }>> = {
  '28P01': { what: 'the password is wrong', hint: 'Give the password that the role has; ALTER ROLE … PASSWORD sets another.' },
  '28000': { what: 'the server does not let this role in from this host', hint: 'Add a line for this host to pg_hba.conf, then reload the server.' },
  '3D000': { what: 'there is no such database', hint: 'Make it with CREATE DATABASE … OWNER … ENCODING \'UTF8\'.' },
  '53300': { what: 'the server has no connection left', hint: 'Raise max_connections, or end what holds them.' },
};

function explained(error: unknown, who: string, where: string): unknown {
  const { code = '' } = error as { code?: string };
  // protocol_violation: PostgreSQL itself takes what sessions of ours are opened with
  if (code === '08P01') return poolerRefusal(where, null, error);
  const refusal = refusals[code];
  return refusal === undefined ? error : new BulkheadError('DATABASE_UNAVAILABLE', `${who}: ${refusal.what}`, { hint: refusal.hint, cause: error });
}
