import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { controlConnections } from '../cluster/grants/distribute.ts';
import type { MemberSession } from '../cluster/session.ts';
import type { NodeConfig } from '../config/schema.ts';
import { BulkheadError } from '../contract/index.ts';
import { clusterIdentity, lockCollection } from '../metadata/cluster-identity.ts';
import { openDatabase } from '../metadata/connection/database.ts';
import type { DatabaseIdentity } from '../metadata/connection/identity.ts';
import { explainedByPooler } from '../metadata/connection/pooler.ts';
import { appendEvent } from '../metadata/events.ts';
import { requestGrant, type Budget } from '../metadata/grants.ts';
import { endSessions, join, type Joining } from '../metadata/membership.ts';
import type { Database } from '../metadata/schema.ts';
import { pause } from './pause.ts';
import type { RuntimeOptions } from './runtime-options.ts';

export interface Entry {
  readonly clusterId: string;
  readonly identity: DatabaseIdentity;
  readonly incarnation: string;
}

const longestEndingMs = 5000;

/**
 * Over one connection that is closed again: brings the schema up to date, holds the database's identity against what the cluster
 * trusts, inserts the incarnation, and ends the sessions of the predecessor that it replaced.
 */
export async function enter(options: RuntimeOptions, first: boolean, stoodStill: Joining['stoodStill'], signal: AbortSignal): Promise<Entry> {
  const { config, databasePasswords, version } = options;
  const opening = { database: config.database, passwords: databasePasswords, name: `bulkhead:${config.node.id.slice(0, 40)}:starting`, acquireMs: 3000 };
  const startup = openDatabase({ ...opening, statementMs: first ? 0 : 10_000 });
  try {
    if (first) await options.prepareDatabase?.(startup.db);
    const cluster = await clusterIdentity(startup.db);
    if (cluster === null) throw new BulkheadError('NOT_SERVING', 'The database holds no cluster yet');
    const { trusted, found } = cluster;
    if (trusted.systemIdentifier !== found.systemIdentifier || trusted.timeline !== found.timeline) {
      await lockCollection(startup.db, `the database changed from ${printed(trusted)} to ${printed(found)}`, found);
    }
    await options.bindFilestore?.(cluster.id);
    const incarnation = randomUUID();
    const { replaced } = await join(startup.db, { nodeId: config.node.id, incarnation, url: config.node.url, version, stoodStill });
    if (replaced !== null) await endAll(startup.db, replaced, signal);
    return { clusterId: cluster.id, identity: { systemIdentifier: found.systemIdentifier, timeline: found.timeline }, incarnation };
  } catch (error) {
    const { host, port, name } = config.database;
    throw await explainedByPooler(error, `${host}:${String(port)}/${name}`, () => openDatabase({ ...opening, statementMs: 3000, pooler: 'told' }));
  } finally {
    await startup.close();
  }
}

function printed(identity: DatabaseIdentity): string {
  return `system ${identity.systemIdentifier}, timeline ${String(identity.timeline)}`;
}

/** What does not end in time is left to the master; its grant stays taken until then. */
async function endAll(db: Kysely<Database>, incarnation: string, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + longestEndingMs;
  while ((await endSessions(db, incarnation)) > 0 && performance.now() < deadline && !signal.aborted) await pause(20, signal);
}

const askAgainMs = 100;
const refusedAgainMs = 2000;

/**
 * Asks for a grant until there is one; meanwhile the node stays up and says why it does not serve. Uses the control connection, so
 * that a node without a grant holds one session only.
 */
export async function obtainGrant(
  session: MemberSession, config: NodeConfig, tell: (problem: BulkheadError) => void, signal: AbortSignal,
): Promise<number> {
  const { pool, keepForOthers } = config.database;
  let told = false;
  while (!signal.aborted) {
    const answer = await requestGrant(session.control.db, {
      incarnation: session.incarnation, nodeId: session.nodeId, control: controlConnections, configured: pool,
    }, keepForOthers);
    if (answer.kind === 'granted') return answer.pool;
    if (answer.kind === 'refused') {
      const refusal = refused(session.nodeId, answer.budget, answer.taken, answer.needed);
      tell(refusal);
      if (!told) {
        await appendEvent(session.control.db, {
          type: 'node.refused', nodeId: session.nodeId, message: refusal.message, detail: { ...arithmetic(answer.budget, answer.taken, answer.needed) },
        });
      }
      told = true;
    }
    await pause(answer.kind === 'refused' ? refusedAgainMs : askAgainMs, signal);
  }
  throw new BulkheadError('NOT_SERVING');
}

function arithmetic(budget: Budget, taken: number, needed: number): Record<string, unknown> {
  const { maxConnections, superuserReserved, reserved, kept, limitedBy } = budget;
  return { maxConnections, superuserReserved, reserved, kept, limitedBy, budget: budget.budget, granted: taken, free: budget.budget - taken, needed };
}

function refused(nodeId: string, budget: Budget, taken: number, needed: number): BulkheadError {
  const sum = `${String(budget.maxConnections)} max_connections − ${String(budget.superuserReserved)} for superusers − ${String(budget.reserved)} reserved − ${String(budget.kept)} kept`;
  const limit = budget.limitedBy === null ? '' : `, limited by the ${budget.limitedBy.what}'s CONNECTION LIMIT of ${String(budget.limitedBy.limit)}`;
  return new BulkheadError('CONNECTION_BUDGET_EXHAUSTED',
    `${nodeId} needs ${String(needed)} database connections; the budget is ${String(budget.budget)} (${sum}${limit}), ${String(taken)} are granted and cannot shrink far enough`,
    { details: arithmetic(budget, taken, needed) });
}
