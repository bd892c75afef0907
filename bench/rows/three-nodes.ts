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

async function fronted(nodes: number): Promise<Fronted> {
  const ours: Ours = await startOurs({ nodes });
  const haproxy = await startHaproxy(ours.cluster.nodes.map(({ port }) => port));
  const client = new NodeClient(haproxy.url, ours.user, 60_000);
  await deployed(ours, 'file.bin', randomBytes(1024));
  const used = (): number => ours.cluster.nodes.reduce((sum, { pid }) => sum + cpuSeconds(pid ?? 0), 0);
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
  return {
    reads: ({ seconds }) => perRequest(async () => {
      const { perSecond } = await load({ url: `${haproxy.url}/artifactory/bench-generic/file.bin`, headers: ours.headers, connections: 32 * nodes, seconds, pid: ours.pid });
      return perSecond * seconds;
    }),
    writes: ({ seconds }) => perRequest(async () => {
      const { perSecond } = await closedLoop({ workers: 32, seconds, pid: ours.pid }, async (number) => {
        const { status } = await client.put(`/bench-generic/puts/${String(number % 100)}/${String(number)}.bin`, randomBytes(1024));
        if (status !== 201) throw new Error(`a node answered ${String(status)}`);
      });
      return perSecond * seconds;
    }),
    [Symbol.asyncDispose]: async () => {
      await client.close();
      await haproxy[Symbol.asyncDispose]();
      await ours[Symbol.asyncDispose]();
    },
  };
}

export const threeNodes: Row = {
  name: 'three-nodes',
  title: 'Three nodes behind HAProxy against one: processor time for a request',
  run: async (pace) => {
    await using one = await fronted(1);
    await using three = await fronted(3);
    // three nodes compile what is hot three times, and each gets a third of the requests
    for (let round = 0; round < (pace.quick ? 1 : 3); round += 1) {
      await three.reads({ ...pace, seconds: pace.seconds * 4 });
      await one.reads({ ...pace, seconds: pace.seconds * 2 });
    }
    const reads = await alternate({ three: () => three.reads(pace), one: () => one.reads(pace) }, pace.rounds);
    await three.writes({ ...pace, seconds: pace.seconds * 2 });
    const writes = await alternate({ three: () => three.writes(pace), one: () => one.writes(pace) }, pace.rounds);
    return {
      figures: [
        against('hot GET of 1 KB, three nodes against one', 'µs', reads.three, 'one node', reads.one, { sense: 'at most', value: 1.1 }),
        against('PUT of 1 KB, three nodes against one', 'µs', writes.three, 'one node', writes.one, { sense: 'at most', value: 1.3 }),
      ],
      notes: ['All nodes share one core, and drive each other out of its caches. Each gets 32 connections of readers. What they use when nobody asks (heartbeats, measured for a second before each slice) is taken off.'],
    };
  },
};
