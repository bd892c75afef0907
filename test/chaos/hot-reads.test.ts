import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestCluster } from '../harness/cluster.ts';
import { waitFor } from '../harness/wait-for.ts';
import { startChaosCluster } from './run.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startChaosCluster({ postgres: { log_line_prefix: '%a|' } });
});
afterAll(() => cluster.stop());

/** What the content of a request is read from. Heartbeats and leases go on meanwhile, and touch none of these. */
const contentTables = /\b(?:from|join|into|update)\s+"?(?:artifact|blob|repository|user_account|access_token|setting|user_group|permission_target|login_failure|audit_entry)\b/;

/** What nodes look at by themselves, again and again: the list of all repositories (a reader asks for one, by its key), and the sizes of the pools, with a heartbeat or apart. Downloads are counted in batches, every few seconds. */
const ownWork = /from "repository" where "key" <> \$1|\$1 = 'pool|update incarnation set heartbeat_at|into artifact_download/;

/** Statements of nodes, each with all its lines (they begin with a tab) and its parameters, which are logged apart. */
function statementsIn(log: string): string[] {
  const found: string[][] = [];
  let last: string[] = [];
  for (const line of log.split('\n')) {
    const ofNode = line.startsWith('bulkhead:');
    if (line.startsWith('\t') || (ofNode && line.includes('|DETAIL:'))) last.push(line);
    else if (ofNode) found.push(last = [line]);
    else last = [];
  }
  return found.map((lines) => lines.join('\n'));
}

async function setting(name: string, value: string): Promise<void> {
  await cluster.postgres.query(`alter system set ${name} = '${value}'`);
  await cluster.postgres.query('select pg_reload_conf()');
  await waitFor(`${name} = ${value}`, async () => (await cluster.postgres.query(`show ${name}`))[0]?.[name] === value);
}

/** Statements about content that nodes sent while `work` ran, as the database logged them. */
async function statementsDuring(work: () => Promise<void>): Promise<string[]> {
  await setting('log_statement', 'all');
  const before = (await cluster.postgres.log()).length;
  await work();
  // a connection that still sleeps takes over a setting with its next statement: heartbeats prove that they have
  const log = (await cluster.postgres.log()).slice(before);
  await setting('log_statement', 'none');
  return statementsIn(log).filter((statement) => contentTables.test(statement) && !ownWork.test(statement));
}

async function read(times: number): Promise<void> {
  for (let round = 0; round < times; round += 1) {
    await Promise.all(cluster.nodes.map(async ({ nodeId, client }) => {
      const answer = await client.get('/generic-local/hot/a.txt');
      expect([nodeId, answer.status, answer.text()]).toEqual([nodeId, 200, 'hot']);
    }));
  }
}

test('reads of what is cached send no statement to the database, on any node', async () => {
  expect((await cluster.nodes[0]!.client.put('/generic-local/hot/a.txt', 'hot')).status).toBe(201);
  await read(3);
  // the master's own tasks may fall into one measurement; what reads cost would be in every one
  let seen = await statementsDuring(() => read(200));
  for (let again = 0; again < 4 && seen.length > 0; again += 1) seen = await statementsDuring(() => read(200));
  expect(seen).toEqual([]);
});

test('the way of counting sees the reads of what is not cached', async () => {
  const seen = await statementsDuring(async () => {
    await waitFor('a statement about an artifact', async () => {
      await cluster.nodes[1]!.client.get(`/generic-local/cold/${String(Math.random())}.txt`);
      return (await cluster.postgres.log()).includes('"artifact"');
    });
  });
  expect(seen.length).toBeGreaterThan(0);
});
