import { createHash, randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { z } from 'zod';
import { loadNodeConfig } from '../config/load.ts';
import type { NodeConfig } from '../config/schema.ts';
import { BulkheadError, clusterView } from '../contract/index.ts';
import { trialHeader } from '../http/trial.ts';
import { withDatabase } from './database.ts';
import { say } from './output.ts';
import { withTrialToken } from './trial-token.ts';

/** Repository that every cluster has. */
const repository = 'generic-local';
const askAgainMs = 100;

interface Options {
  readonly json: boolean;
  /** how long the node may take to serve */
  readonly waitSeconds: number;
  /** a drained node will do, and a token made for this takes the place of the password */
  readonly trial: boolean;
}

/**
 * `bulkhead-node check-serving`: proves that the node of this configuration serves: it answers pings, is a member of its cluster,
 * holds a grant of connections, and gives out an artifact that was written through another node that serves (through itself while
 * there is none). What was written is deleted.
 * Reads "user:password" on stdin, so that it is in no argument list; nothing with "trial".
 * @throws NOT_SERVING, CREDENTIALS_INVALID
 */
export async function checkServingCommand(configFile: string, options: Options): Promise<void> {
  const config = await loadNodeConfig(configFile);
  if (!options.trial) {
    await check(config, options, `Basic ${Buffer.from((await text(process.stdin)).trim()).toString('base64')}`);
    return;
  }
  // the node brings the schema up to date when it starts: there may be no users before
  const deadline = performance.now() + options.waitSeconds * 1000;
  await untilServing(`${config.node.url.replace(/\/$/, '')}/artifactory`, deadline, true);
  await withDatabase(config, (db) => withTrialToken(db, (token) => check(config, options, `Bearer ${token}`)));
}

async function check({ node }: NodeConfig, { json, waitSeconds, trial }: Options, authorization: string): Promise<void> {
  const own = `${node.url.replace(/\/$/, '')}/artifactory`;
  const startedAt = performance.now();
  await untilServing(own, startedAt + waitSeconds * 1000, trial);
  const servedAfterMs = Math.round(performance.now() - startedAt);

  const view = clusterView.parse(JSON.parse((await ask(`${own}/api/v1/cluster`, 'GET', authorization)).toString()));
  const member = view.nodes.find((each) => each.nodeId === node.id);
  const grant = view.database.grants.find((each) => each.nodeId === node.id);
  if (member?.observed !== 'serving' && !(trial && member?.observed === 'drained')) throw new BulkheadError('NOT_SERVING', `The cluster sees ${node.id} as ${member?.observed ?? 'no member'}`);
  if (grant === undefined) throw new BulkheadError('NOT_SERVING', `${node.id} holds no database connections`);

  const other = view.nodes.find((each) => each.nodeId !== node.id && each.observed === 'serving' && each.desired === 'serving');
  const writer = `${(other?.url ?? node.url).replace(/\/$/, '')}/artifactory`;
  const content = randomBytes(1024);
  const path = `${repository}/.bulkhead/proof/${node.id}-${createHash('sha256').update(content).digest('hex').slice(0, 16)}`;
  await ask(`${writer}/${path}`, 'PUT', authorization, content);
  const read = await ask(`${own}/${path}`, 'GET', authorization);
  await ask(`${writer}/${path}`, 'DELETE', authorization);
  if (!read.equals(content)) throw new BulkheadError('NOT_SERVING', `${node.id} gave out other bytes than were written through ${writer}`);

  const { pool } = grant;
  say(json, { nodeId: node.id, clusterId: view.cluster.id, master: view.master?.nodeId ?? null, pool, through: other?.nodeId ?? null, servedAfterMs },
    `${node.id} serves in cluster ${view.cluster.name} with ${String(pool)} connections.`);
}

async function untilServing(own: string, deadline: number, trial: boolean): Promise<void> {
  for (;;) {
    const problem = trial && await isDrained(own) ? null : await pingProblem(own);
    if (problem === null) return;
    if (performance.now() > deadline) throw new BulkheadError('NOT_SERVING', `The node does not serve: ${problem}`, { hint: 'Its log says why.' });
    await delay(askAgainMs);
  }
}

/** It has joined, and waits to be let in. */
async function isDrained(own: string): Promise<boolean> {
  try {
    const answer = await request(`${own}/api/v1/system/liveness`, { headersTimeout: 2000, bodyTimeout: 2000 });
    return z.object({ state: z.string() }).parse(await answer.body.json()).state === 'drained';
  } catch {
    return false;
  }
}

/** Why it does not answer a ping with OK; null when it does. */
async function pingProblem(own: string): Promise<string | null> {
  try {
    const answer = await request(`${own}/api/system/ping`, { headersTimeout: 2000, bodyTimeout: 2000 });
    const body = await answer.body.text();
    return answer.statusCode === 200 ? null : `status ${String(answer.statusCode)}: ${messageOf(body)}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

async function ask(url: string, method: 'GET' | 'PUT' | 'DELETE', authorization: string, body?: Buffer): Promise<Buffer> {
  const answer = await request(url, { method, headers: { authorization, [trialHeader]: '1' }, headersTimeout: 30_000, ...(body === undefined ? {} : { body }) })
    .catch((cause: unknown) => { throw new BulkheadError('NOT_SERVING', `${url} cannot be reached from this host: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`, { cause }); });
  const content = Buffer.from(await answer.body.arrayBuffer());
  if (answer.statusCode < 300) return content;
  if (answer.statusCode === 401) throw new BulkheadError('CREDENTIALS_INVALID');
  throw new BulkheadError('NOT_SERVING', `${method} ${url} was answered with ${String(answer.statusCode)}: ${messageOf(content.toString())}`);
}

function messageOf(body: string): string {
  try {
    const { errors } = JSON.parse(body) as { errors?: { message?: string }[] };
    return errors?.[0]?.message ?? body.slice(0, 200);
  } catch {
    return body.slice(0, 200);
  }
}
