import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { projectRoot } from '../../scripts/build.ts';
import { credentialsInUse, type CredentialsInUse } from '../../server-bundle/contract/index.ts';
import { keyId } from '../../server-bundle/security/rotating-secrets.ts';
import { startCluster, type TestCluster, type TestNode } from '../harness/cluster.ts';
import { UpstreamServer } from '../harness/upstream-server.ts';
import { waitFor } from '../harness/wait-for.ts';

let cluster: TestCluster;
/** Each node gets key and password files of its own, as on hosts of its own. */
beforeAll(async () => {
  cluster = await startCluster({ start: false });
  for (const node of cluster.nodes) {
    const folder = dirname(node.configFile);
    const config = parse(await readFile(node.configFile, 'utf8')) as { cluster: object; database: object };
    for (const name of ['cluster.key', 'database.password']) {
      await writeFile(fileOf(node, name), await readFile(join(folder, name)), { mode: 0o600 });
    }
    await writeFile(node.configFile, stringify({
      ...config, cluster: { ...config.cluster, keyFile: fileOf(node, 'cluster.key') }, database: { ...config.database, passwordFile: fileOf(node, 'database.password') },
    }));
  }
  await Promise.all(cluster.nodes.map((node) => node.start()));
  await cluster.untilServing();
  await cluster.balancer.start();
});
afterAll(() => cluster.stop());

function fileOf({ nodeId, configFile }: TestNode, name: string): string {
  return join(dirname(configFile), `${nodeId}.${name}`);
}

async function inUse(node: TestNode): Promise<CredentialsInUse> {
  return credentialsInUse.parse((await node.client.get('/api/v1/cluster/credentials')).json());
}

/** Runs a command of the bundle on the first node, with something on its standard input. */
async function command(name: string, input: string): Promise<unknown> {
  const [node] = cluster.nodes;
  const work = promisify(execFile)(process.execPath, [join(projectRoot, 'out/server-bundle/bulkhead-node.cjs'), name, '--config', node?.configFile ?? '', '--json']);
  work.child.stdin?.end(input);
  return JSON.parse((await work).stdout);
}

/** SQLSTATE with which the server refuses a login; undefined when it lets it in. */
async function refusedWith(password: string): Promise<unknown> {
  const { host, port, user } = cluster.postgres;
  const client = new Client({ host, port, user, password, database: cluster.database });
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  } finally {
    await client.end();
  }
}

async function give(node: TestNode, name: string, lines: readonly string[], isThere: (found: CredentialsInUse) => boolean): Promise<void> {
  await writeFile(fileOf(node, name), `${lines.join('\n')}\n`, { mode: 0o600 });
  process.kill(node.pid ?? 0, 'SIGHUP');
  await waitFor(`${node.nodeId} to use its new ${name}`, async () => isThere(await inUse(node)));
}

/** Requests through the balancer until `work` is done; resolves to the answers that were none of the good ones. */
async function failuresDuring(work: () => Promise<void>): Promise<unknown[]> {
  const failures: unknown[] = [];
  const load = { running: true, sent: 0 };
  const client = async (number: number): Promise<void> => {
    for (let count = 0; load.running; count += 1) {
      const path = `/generic-local/rotation/${String(number)}/${String(count)}`;
      for (const [good, ask] of [[201, () => cluster.balancer.client.put(path, path)], [200, () => cluster.balancer.client.get(path)]] as const) {
        const status = await ask().then((answer) => answer.status, String);
        load.sent += 1;
        if (status !== good) failures.push([path, status]);
      }
    }
  };
  const clients = [0, 1, 2, 3].map(client);
  try {
    await work();
    const enough = load.sent + 50;
    await waitFor('requests after the change', () => load.sent >= enough);
  } finally {
    load.running = false;
    await Promise.all(clients);
  }
  return failures;
}

// nine restarts, one after the other, under load: 44 s where eight processes waited for each of two processors, and four times as much is allowed
test('the cluster key is replaced on all nodes while they serve', async () => {
  const [first] = cluster.nodes;
  if (first === undefined) throw new Error('nodes are needed');
  const old = (await readFile(fileOf(first, 'cluster.key'), 'utf8')).trim();
  const next = randomBytes(48).toString('base64');
  const ids = (...keys: readonly string[]) => ({ keys: found }: CredentialsInUse): boolean =>
    JSON.stringify(found) === JSON.stringify(keys.map((key) => keyId(Buffer.from(key, 'base64'))));

  const webhook = { name: 'nobody', url: 'https://example.org/hook', enabled: false, secret: 'a secret that must survive' };
  expect((await first.client.post('/api/v1/cluster/alerts/webhooks', webhook)).status).toBe(201);

  await using upstream = await UpstreamServer.start();
  upstream.set('/a.txt', (request, response) => {
    response.writeHead(request.headers.authorization === `Basic ${Buffer.from('u:a password that must survive').toString('base64')}` ? 200 : 401).end('a');
  });
  const remote = { rclass: 'remote', packageType: 'generic', url: upstream.url, username: 'u', password: 'a password that must survive', allowPrivateAddresses: true, hardFail: true };
  const made = await first.client.put('/api/repositories/behind-a-password', JSON.stringify(remote), { headers: { 'content-type': 'application/json' } });
  expect(made.status).toBe(200);

  expect(await failuresDuring(async () => {
    for (const keys of [[old, next], [next, old], [next]]) {
      for (const node of cluster.nodes) {
        await give(node, 'cluster.key', keys, ids(...keys));
        // new links only prove what a file holds: this node makes all of its links anew, in the middle of the change
        await node.restart();
        await cluster.untilServing();
      }
      // the second phase is over only when what is stored does not need the old key any more
      if (keys[1] === old) await waitFor('secret and password to be sealed anew', async () => (await inUse(first)).sealedOtherwise === 0);
    }
  })).toEqual([]);
  expect((await first.client.get('/behind-a-password/a.txt')).text()).toBe('a');
});

test('a file that is refused changes nothing', async () => {
  const [node] = cluster.nodes;
  if (node === undefined) throw new Error('nodes are needed');
  const before = await inUse(node);
  const { user, password } = cluster.admin;
  expect(await command('check-credentials', `${user}:${password}`)).toMatchObject({ nodeId: node.nodeId, asInFiles: true });
  const file = fileOf(node, 'cluster.key');
  const good = await readFile(file, 'utf8');
  await writeFile(file, 'too short\n');
  process.kill(node.pid ?? 0, 'SIGHUP');
  await waitFor('the complaint', async () => (await node.log()).includes('credentials stay as they were'));
  expect(await inUse(node)).toEqual(before);
  await writeFile(file, good);
});

test('the database password is replaced while all nodes serve, and every session is made anew', async () => {
  const old = cluster.postgres.password;
  const next = 'another: "password" \\ with everything';
  expect(await failuresDuring(async () => {
    for (const node of cluster.nodes) await give(node, 'database.password', [old, next], ({ passwords }) => passwords === 2);
    await command('set-database-password', next);
    for (const node of cluster.nodes) await give(node, 'database.password', [next], ({ passwords }) => passwords === 1);
    // one node after the other gets all of its sessions anew
    for (const node of cluster.nodes) {
      await node.restart();
      await cluster.untilServing();
    }
  })).toEqual([]);
  expect(await refusedWith(old)).toBe('28P01');
  await cluster.postgres.query(`alter role ${cluster.postgres.user} password '${old}'`);
  for (const node of cluster.nodes) await give(node, 'database.password', [old], ({ passwords }) => passwords === 1);
  await cluster.untilServing();
});
