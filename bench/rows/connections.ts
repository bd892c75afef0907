import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { killAtExit } from '../../test/harness/processes.ts';
import { pin } from '../framework/cores.ts';
import { residentBytes } from '../framework/meter.ts';
import { alone, ratiosOfAny } from '../framework/rounds.ts';
import type { Row } from '../framework/row.ts';
import { load, type Load } from '../load/index.ts';
import { startOurs } from '../peers/ours.ts';
import { deployed } from './hot.ts';

const each = 5000;

export const connections: Row = {
  name: 'connections',
  title: '10,000 keep-alive connections, half of them slow readers',
  run: async (pace) => {
    // as many requests are under way as there are slow readers: more than a node takes by default
    await using ours = await startOurs({ config: { http: { maxInFlight: 2 * each } } });
    const small = await deployed(ours, 'small.bin', randomBytes(1024));
    const put = await ours.client.put('/bench-generic/large.bin', randomBytes(1024 * 1024));
    if (put.status !== 201) throw new Error(`our node did not take a file: ${put.text()}`);
    const others = (): Promise<Load> => load({ ...small, connections: 4, seconds: pace.seconds });
    await others();
    const before: number[] = [];
    for (let round = 0; round < pace.rounds; round += 1) before.push((await others()).p99Ms);
    const crowd = pace.quick ? each / 10 : each;
    const child = fork(join(import.meta.dirname, '../load/many-connections.ts'), [JSON.stringify({
      port: ours.cluster.nodes[0]?.port, authorization: ours.headers['authorization'], idle: crowd, slow: crowd, small: '/artifactory/bench-generic/small.bin', large: '/artifactory/bench-generic/large.bin',
    })]);
    killAtExit(child);
    await pin(child.pid ?? 0, 'generator');
    await once(child, 'message');
    const beside: number[] = [];
    const memory: number[] = [];
    for (let round = 0; round < pace.rounds; round += 1) {
      beside.push((await others()).p99Ms);
      memory.push(residentBytes(ours.pid) / 2 ** 20);
    }
    child.send('how many');
    const [{ refused, closed }] = await once(child, 'message') as [{ refused: number; closed: number }];
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    return {
      figures: [
        alone('memory with all of them', 'MiB', memory, { sense: 'at most', value: 400 }),
        ratiosOfAny('p99 of others, against without them', 'ms', beside, 'without', before, { sense: 'at most', value: 2 }),
      ],
      notes: [`${String(2 * crowd)} connections were open; ${String(refused)} were answered with something else than 200, ${String(closed)} were closed. Slow readers ask for 1 MiB and read 16 KiB every two seconds.`],
    };
  },
};
