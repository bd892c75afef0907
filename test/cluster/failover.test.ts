import { afterAll, beforeAll, expect, test } from 'vitest';
import { epochList } from '../../server-bundle/contract/index.ts';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import { waitFor } from '../harness/wait-for.ts';

let cluster: TestCluster;
beforeAll(async () => { cluster = await startCluster({ balancer: false }); });
afterAll(() => cluster.stop());

const newest = async (): Promise<ReturnType<typeof epochList.parse>['epochs'][number] | undefined> => {
  const { node } = await cluster.master();
  return epochList.parse((await node.client.get('/api/v1/cluster/epochs?limit=1')).json()).epochs[0];
};

test('a killed master is followed within a second, by the next epoch', async () => {
  const before = await cluster.master();
  const begun = performance.now();
  await before.node.kill();
  const after = await cluster.master({ aboveEpoch: before.epoch, everyMs: 5 });
  const tookMs = performance.now() - begun;
  const epoch = await newest();
  await cluster.until('the dead node to be told', (view) => view.nodes.some((node) => node.nodeId === before.node.nodeId && node.observed === 'unreachable'));
  // the tests below need it, whatever is found here
  await before.node.start();
  await cluster.untilServing();
  expect(tookMs).toBeLessThan(1000);
  expect(after.epoch).toBe(before.epoch + 1);
  expect(epoch).toMatchObject({ cause: 'fail-over', previousNodeId: before.node.nodeId });
});

test('a frozen master is followed within five seconds; thawed, it is fenced, rejoins and is not master', async () => {
  const before = await cluster.master();
  const frozenAs = (await cluster.view()).nodes.find((node) => node.nodeId === before.node.nodeId)?.incarnation;
  const begun = performance.now();
  before.node.freeze();
  let after;
  try {
    after = await cluster.master({ aboveEpoch: before.epoch, everyMs: 10 });
    expect(performance.now() - begun).toBeLessThan(5000);
    expect(await newest()).toMatchObject({ cause: 'expired', previousNodeId: before.node.nodeId });
  } finally {
    before.node.thaw();
  }
  const view = await cluster.until('the thawed node to rejoin', ({ nodes }) => nodes.some((node) =>
    node.nodeId === before.node.nodeId && node.observed === 'serving' && node.incarnation !== frozenAs));
  expect(view.master).toMatchObject({ nodeId: after.node.nodeId, epoch: after.epoch });
  expect(await before.node.log()).toContain('"msg":"fenced"');
  await cluster.untilServing();
});

test('any node hands over, to a named one and to any', async () => {
  const { node: master, epoch } = await cluster.master();
  const others = cluster.nodes.filter((node) => node !== master);
  const [asked, named] = others;
  if (asked === undefined || named === undefined) throw new Error('three nodes are needed');
  const answer = await asked.client.post('/api/v1/cluster/master', { to: named.nodeId });
  expect([answer.status, answer.json()]).toMatchObject([200, { master: { nodeId: named.nodeId, epoch: epoch + 1 } }]);
  expect(await newest()).toMatchObject({ cause: 'hand-over' });
  const any = await asked.client.post('/api/v1/cluster/master', {});
  expect(any.status).toBe(200);
  expect((await cluster.master({ aboveEpoch: epoch + 1 })).node.nodeId).not.toBe(named.nodeId);
  expect((await asked.client.post('/api/v1/cluster/master', { to: 'nobody' })).status).toBe(404);
});

test('a graceful stop hands over at once', async () => {
  const before = await cluster.master();
  const stopped = before.node.stop();
  const after = await cluster.master({ aboveEpoch: before.epoch });
  expect(await newest()).toMatchObject({ cause: 'hand-over' });
  expect(await stopped).toBe(0);
  await cluster.until('it to be stopped', (view) => view.nodes.some((node) => node.nodeId === before.node.nodeId && node.observed === 'stopped'));
  expect((await cluster.master()).epoch).toBe(after.epoch);
  await before.node.start();
  await cluster.untilServing();
});

test('after a crash of the database everybody recovers by himself, and nobody is evicted', async () => {
  const incarnations = (await cluster.view()).nodes.map((node) => node.incarnation);
  await cluster.postgres.kill();
  for (const node of cluster.nodes) {
    const ping = await waitFor('503', async () => {
      const answer = await node.client.get('/api/system/ping', { as: null });
      return answer.status === 503 && answer;
    });
    expect(ping.headers['retry-after']).toBeDefined();
  }
  // longer than the lease: every heartbeat is old when it comes back
  await new Promise((resolve) => setTimeout(resolve, 4000));
  await cluster.postgres.restart();
  const begun = performance.now();
  await Promise.all(cluster.nodes.map((node) => waitFor('200', async () => (await node.client.get('/api/system/ping', { as: null })).status === 200)));
  expect(performance.now() - begun).toBeLessThan(2000);
  await cluster.untilServing();
  expect((await cluster.view()).nodes.map((node) => node.incarnation)).toEqual(incarnations);
});

test('two nodes that claim one id: the second is refused while the first lives, and takes its place afterwards', async () => {
  const { node: master } = await cluster.master();
  const holder = cluster.nodes.find((node) => node !== master);
  if (holder === undefined) throw new Error('three nodes are needed');
  const intruder = await cluster.addNode('intruder', { node: { id: holder.nodeId } });
  await intruder.start({ wait: false });
  await waitFor('the refusal', async () => (await intruder.log()).includes('NODE_ID_IN_USE'));
  expect((await intruder.client.get('/api/system/ping', { as: null })).status).toBe(503);
  await cluster.untilServing([holder.nodeId]);
  await intruder.kill();
});

test('events have one sequence on every node, are sent on, and go on where a reader left off', async () => {
  const [first, second] = cluster.nodes;
  if (first === undefined || second === undefined) throw new Error('three nodes are needed');
  const read = async (url: string, after: number, enough: (events: readonly { id: number; event: string }[]) => boolean): Promise<{ id: number; event: string }[]> => {
    const { user, password } = cluster.admin;
    const answer = await fetch(`${url}/artifactory/api/v1/cluster/events`, {
      headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`, 'last-event-id': String(after) },
    });
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const events = [...text.matchAll(/id: (\d+)\nevent: ([\w.]+)\n/g)].map(([, id, event]) => ({ id: Number(id), event: event ?? '' }));
      if (enough(events)) return events;
    }
    throw new Error('the stream ended');
  };
  // in whatever order three nodes come, they join, get a master and serve
  const events = await read(first.url, 0, (seen) => seen.length >= 10 && seen.some(({ event }) => event === 'master.changed'));
  expect(events.map((event) => event.id)).toEqual(events.map((_, at) => at + 1));
  expect((await read(second.url, 4, (seen) => seen.length >= events.length - 4)).slice(0, events.length - 4)).toEqual(events.slice(4));
});
