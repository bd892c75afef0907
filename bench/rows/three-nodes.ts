import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { NodeClient } from '../../test/harness/node-client.ts';
import { cpuSeconds } from '../framework/meter.ts';
import { against, alternate } from '../framework/rounds.ts';
import type { Pace, Row } from '../framework/row.ts';
import { closedLoop } from '../load/closed-loop.ts';
import { load } from '../load/index.ts';
import { startHaproxy } from '../peers/haproxy.ts';
import { startOurs, type Ours } from '../peers/ours.ts';
import { deployed } from './hot.ts';

interface Fronted extends AsyncDisposable {
  /** processor time of all nodes for each request, microseconds, without what they use when nobody asks */
  reads(pace: Pace): Promise<number>;
  writes(pace: Pace): Promise<number>;
}

/**
 * HAProxy in front of clusters that know the same user and file.
 * @param sizes how many nodes each of them has
 */
async function fronted(...sizes: readonly number[]): Promise<Fronted> {
  await using started = new AsyncDisposableStack();
  const password = randomBytes(12).toString('hex');
  const content = randomBytes(1024);
  const clusters: Ours[] = [];
  for (const nodes of sizes) {
    const ours = started.use(await startOurs({ nodes, password }));
    await deployed(ours, 'file.bin', content);
    clusters.push(ours);
  }
  const [{ user, headers, pid }] = clusters as [Ours];
  const nodes = clusters.flatMap(({ cluster }) => cluster.nodes);
  const haproxy = started.use(await startHaproxy(nodes.map(({ port }) => port)));
  const client = new NodeClient(haproxy.url, user, 60_000);
  started.defer(() => client.close());
  const used = (): number => nodes.reduce((sum, node) => sum + cpuSeconds(node.pid ?? 0), 0);
  const perRequest = async (work: () => Promise<number>): Promise<number> => {
    const quietFrom = used();
    await pause(1000);
    const idlePerSecond = used() - quietFrom;
    const before = used();
    const begun = performance.now();
    const requests = await work();
    const seconds = (performance.now() - begun) / 1000;
    return (used() - before - idlePerSecond * seconds) / requests * 1e6;
  };
  const kept = started.move();
  return {
    reads: ({ seconds }) => perRequest(async () => {
      const { perSecond } = await load({ url: `${haproxy.url}/artifactory/bench-generic/file.bin`, headers, connections: 32 * nodes.length, seconds, pid });
      return perSecond * seconds;
    }),
    writes: ({ seconds }) => perRequest(async () => {
      const { perSecond } = await closedLoop({ workers: 32, seconds, pid }, async (number) => {
        const { status } = await client.put(`/bench-generic/puts/${String(number % 100)}/${String(number)}.bin`, randomBytes(1024));
        if (status !== 201) throw new Error(`a node answered ${String(status)}`);
      });
      return perSecond * seconds;
    }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

export const threeNodes: Row = {
  name: 'three-nodes',
  title: 'Three nodes behind HAProxy against one: processor time for a request',
  run: async (pace) => {
    await using one = await fronted(1);
    await using three = await fronted(3);
    await using strangers = await fronted(1, 1, 1);
    // three nodes compile what is hot three times, and each gets a third of the requests
    for (let round = 0; round < (pace.quick ? 1 : 3); round += 1) {
      for (const each of [three, strangers]) await each.reads({ ...pace, seconds: pace.seconds * 4 });
      await one.reads({ ...pace, seconds: pace.seconds * 2 });
    }
    const reads = await alternate({ three: () => three.reads(pace), one: () => one.reads(pace), strangers: () => strangers.reads(pace) }, pace.rounds);
    for (const each of [three, strangers]) await each.writes({ ...pace, seconds: pace.seconds * 2 });
    const writes = await alternate({ three: () => three.writes(pace), one: () => one.writes(pace), strangers: () => strangers.writes(pace) }, pace.rounds);
    return {
      figures: [
        against('hot GET of 1 KB, three nodes against one', 'µs', reads.three, 'one node', reads.one, { sense: 'at most', value: 1.1 }),
        against('hot GET of 1 KB, three nodes of a cluster against three of their own', 'µs', reads.three, 'three clusters', reads.strangers, null),
        against('PUT of 1 KB, three nodes against one', 'µs', writes.three, 'one node', writes.one, { sense: 'at most', value: 1.3 }),
        against('PUT of 1 KB, three nodes of a cluster against three of their own', 'µs', writes.three, 'three clusters', writes.strangers, null),
      ],
      notes: [
        'All nodes share one core, and drive each other out of its caches. Each gets 32 connections of readers. What they use when nobody asks (heartbeats, measured for a second before each slice) is taken off.',
        'Three clusters of one node each, behind the same balancer with the same load, tell what the core that they share and the smaller groups of each cost: what is beyond that is the price of being a cluster.',
      ],
    };
  },
};
