import { randomBytes } from 'node:crypto';
import { descendantsOf } from '../../test/harness/processes.ts';
import { waitFor } from '../../test/harness/wait-for.ts';
import { pin } from '../framework/cores.ts';
import { cpuSeconds } from '../framework/meter.ts';
import { against, alone, alternate } from '../framework/rounds.ts';
import type { Row } from '../framework/row.ts';
import { closedLoop } from '../load/closed-loop.ts';
import { load } from '../load/index.ts';
import { startOurs, type Ours } from '../peers/ours.ts';
import { deployed, noteOf, slices } from './hot.ts';

const count = 2;

/** The worker processes of the node, once all of them serve. */
async function workersOf({ cluster, pid }: Ours): Promise<readonly number[]> {
  await waitFor(`${String(count)} workers`, async () => {
    const log = await cluster.nodes[0]?.log() ?? '';
    return log.split('"worker serves"').length > count;
  }, { timeoutMs: 120_000 });
  const workers = descendantsOf(pid);
  await Promise.all(workers.map((worker) => pin(worker, 'server')));
  return workers;
}

/** What the least busy of two or more has of what would be its even share; 1: all are equally busy. */
function evenness(seconds: readonly number[]): number {
  const all = seconds.reduce((sum, each) => sum + each, 0);
  return Math.min(...seconds) / (all / seconds.length);
}

export const workers: Row = {
  name: 'workers',
  title: 'Two worker processes under one node identity against a single process: processor time for a request',
  run: async (pace) => {
    const pool = { min: 6, max: 20 };
    await using one = await startOurs({ config: { database: { pool } } });
    await using several = await startOurs({ config: { node: { workers: count }, database: { pool } } });
    const staff = await workersOf(several);
    const content = randomBytes(1024);
    const asked = { workers: await deployed(several, 'file.bin', content), 'one process': await deployed(one, 'file.bin', content) };
    const reads = await slices(asked, pace);
    const shares: number[] = [];
    for (let round = 0; round < pace.rounds; round += 1) {
      const before = staff.map(cpuSeconds);
      await load({ ...asked.workers, connections: 32, seconds: pace.seconds });
      shares.push(evenness(staff.map((worker, index) => cpuSeconds(worker) - (before[index] ?? 0))));
    }
    const put = (ours: Ours) => async (): Promise<number> => {
      const { cpuMicros } = await closedLoop({ workers: 16, seconds: pace.seconds, pid: ours.pid }, async (number) => {
        const { status } = await ours.client.put(`/bench-generic/puts/${String(number % 100)}/${String(number)}.bin`, randomBytes(1024));
        if (status !== 201) throw new Error(`a node answered ${String(status)}`);
      });
      return cpuMicros;
    };
    const writes = await alternate({ workers: put(several), one: put(one) }, pace.rounds);
    return {
      figures: [
        against('hot GET of 1 KB, two workers and the process that leads them against one process', 'µs', reads.workers.map(({ cpuMicros }) => cpuMicros), 'one process', reads['one process'].map(({ cpuMicros }) => cpuMicros), { sense: 'at most', value: 1.1 }),
        against('PUT of 1 KB, the same', 'µs', writes.workers, 'one process', writes.one, null),
        alone('processor time of the less busy worker, of an even share', '', shares, { sense: 'at least', value: 0.8 }),
      ],
      notes: ['All processes share one core, so that what is compared is the work and not the number of cores.', noteOf(reads)],
    };
  },
};
