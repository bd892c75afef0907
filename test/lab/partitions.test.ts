import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBuilt } from '../../scripts/build.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { addHosts, createLanCluster, openLanRoom } from './lan-room.ts';
import { startLab, type Lab } from './lab.ts';

/** Real cuts of real wires: who is master is told by what takes effect, and nothing that was acknowledged may be gone. */
const names = ['one', 'two', 'three'] as const;
type Name = (typeof names)[number];
const recoveryMs = 120_000;
const clean = new AsyncDisposableStack();
let lab: Lab;
let databaseName: string;
let authorization: string;
/** what was acknowledged, by path */
const acknowledged = new Map<string, string>();
let written = 0;

beforeAll(async () => {
  await ensureBuilt(['node']);
  lab = clean.use(await startLab({ hosts: names.map((name) => ({ name })), database: true }));
  const folder = clean.use(await temporaryFolder('partitions'));
  const room = clean.use(await openLanRoom(join(folder.path, 'state')));
  await addHosts(room, lab, ...names);
  await createLanCluster(room, lab, 'art');
  databaseName = (await room.client.call('clusters.lan', {}))[0]!.settings.database.name;
  const runs = await room.client.call('nodes.provision', { clusterId: 'art', hostIds: [...names] });
  expect(runs.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
  const answer = await lab.host('one').run('setpriv', '--reuid', '8081', '--regid', '8081', '--clear-groups', '--', '/opt/bulkhead/current/node', '/opt/bulkhead/current/bulkhead-node.cjs', 'reset-admin', '--config', '/etc/bulkhead/node.yaml', '--json');
  authorization = `Basic ${Buffer.from(`admin:${(JSON.parse(answer) as { password: string }).password}`).toString('base64')}`;
}, 300_000);

afterAll(() => clean.disposeAsync());

const at = (name: Name, path: string): string => `http://${lab.target(name).address}:8081/artifactory/${path}`;

/** Undefined: nobody knows what came of it. */
async function ask(name: Name, path: string, init: RequestInit = {}, timeoutMs = 5000): Promise<{ status: number; text: string } | undefined> {
  try {
    const answer = await fetch(at(name, path), { ...init, headers: { authorization }, signal: AbortSignal.timeout(timeoutMs) });
    return { status: answer.status, text: await answer.text() };
  } catch {
    return undefined;
  }
}

/** Writes something new over one of ten paths; true when the node has acknowledged it. */
async function write(name: Name): Promise<boolean> {
  written += 1;
  const path = `generic-local/cut/${written % 10}.txt`;
  const content = `version ${written}`;
  const answer = await ask(name, path, { method: 'PUT', body: content });
  if (answer?.status === 201) acknowledged.set(path, content);
  // it may have taken effect or not: from here on either is right, so this path says nothing any more
  else acknowledged.delete(path);
  return answer?.status === 201;
}

/** What a node serves of what was acknowledged has to be it: nothing older. */
async function readsAreRight(name: Name): Promise<void> {
  for (const [path, content] of acknowledged) {
    const answer = await ask(name, path);
    if (answer?.status === 200) expect(answer.text, `${path} at ${name}`).toBe(content);
  }
}

async function master(): Promise<{ nodeId: Name; epoch: number }> {
  const rows = await lab.database!.query('select node_id, epoch::int as epoch from leadership where node_id is not null', databaseName);
  if (rows.length === 0) throw new Error('nobody is master');
  return { nodeId: rows[0]!['node_id'] as Name, epoch: rows[0]!['epoch'] as number };
}

/** Every node serves again, reads and writes, by itself. */
async function recovered(): Promise<void> {
  for (const name of names) {
    await waitFor(`${name} to serve`, async () => (await ask(name, 'api/system/ping'))?.text === 'OK', { timeoutMs: recoveryMs, everyMs: 200 });
    await waitFor(`${name} to write`, () => write(name), { timeoutMs: recoveryMs, everyMs: 200 });
  }
  for (const name of names) {
    await readsAreRight(name);
    for (const path of acknowledged.keys()) expect((await ask(name, path))?.status, `${path} at ${name}`).toBe(200);
  }
}

/** By the database's own clock: every epoch had ended before the next began, and what a master did was done in its time. */
async function oneMasterAtATime(): Promise<void> {
  const overlapping = await lab.database!.query(`
    select a.epoch, a.node_id, a.ended_at, b.epoch as next, b.node_id as next_node, b.since from epoch_history a join epoch_history b on b.epoch > a.epoch
    where a.ended_at is null or a.ended_at > b.since`, databaseName);
  expect(overlapping).toEqual([]);
  const late = await lab.database!.query(`
    select t.* from task_run t join epoch_history e on e.epoch = t.epoch where t.started_at < e.since or t.started_at > e.ended_at`, databaseName);
  expect(late).toEqual([]);
}

const others = (name: Name): Name[] => names.filter((each) => each !== name);

it('the master without its database: another one takes over, and nothing that was acknowledged is lost', async () => {
  for (const name of names) for (let count = 0; count < 4; count += 1) expect(await write(name)).toBe(true);
  const former = await master();
  await lab.host(former.nodeId).cutFrom(lab.databaseAddress);
  const next = await waitFor('another master', async () => {
    const found = await master();
    return found.epoch > former.epoch ? found : undefined;
  }, { timeoutMs: recoveryMs, everyMs: 100 });
  expect(next.nodeId).not.toBe(former.nodeId);
  // whoever cannot reach the database acknowledges nothing
  expect(await write(former.nodeId)).toBe(false);
  for (const name of others(former.nodeId)) await waitFor(`${name} to write`, () => write(name), { timeoutMs: recoveryMs });
  for (const name of names) await readsAreRight(name);
  await lab.host(former.nodeId).reconnectTo(lab.databaseAddress);
  await recovered();
  await oneMasterAtATime();
});

it('nodes that cannot hear each other: each still serves what the others have written', async () => {
  const [one, two] = [lab.host('one'), lab.host('two')];
  const before = await master();
  await one.cutFrom(two.address);
  await two.cutFrom(one.address);
  for (let round = 0; round < 3; round += 1) {
    for (const name of names) {
      await waitFor(`${name} to write`, () => write(name), { timeoutMs: recoveryMs });
      for (const reader of names) await readsAreRight(reader);
    }
  }
  expect((await master()).epoch).toBeGreaterThanOrEqual(before.epoch);
  await one.reconnectTo(two.address);
  await two.reconnectTo(one.address);
  await recovered();
  await oneMasterAtATime();
});

it('both at once: the master alone without anybody', async () => {
  const former = await master();
  const host = lab.host(former.nodeId);
  const away = [lab.databaseAddress, ...others(former.nodeId).map((name) => lab.host(name).address)];
  await host.cutFrom(...away);
  await waitFor('another master', async () => (await master()).epoch > former.epoch, { timeoutMs: recoveryMs, everyMs: 100 });
  expect(await write(former.nodeId)).toBe(false);
  for (const name of others(former.nodeId)) await waitFor(`${name} to write`, () => write(name), { timeoutMs: recoveryMs });
  await readsAreRight(former.nodeId);
  await host.reconnectTo(...away);
  await recovered();
  await oneMasterAtATime();
});
