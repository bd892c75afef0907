import { randomBytes } from 'node:crypto';
import { quantileOf } from '../framework/statistics.ts';
import { against, alone, alternate } from '../framework/rounds.ts';
import type { Row } from '../framework/row.ts';
import { closedLoop } from '../load/closed-loop.ts';
import type { Load } from '../load/index.ts';
import { load } from '../load/index.ts';
import { startOurs, type Ours } from '../peers/ours.ts';
import { collection } from './collection.ts';
import { deployed } from './hot.ts';
import { perFolder, listedFolders, seedArtifacts } from './seed.ts';

/** Milliseconds of each of some listings of folders with a thousand folders, one after the other. @param list as a folder's info, or as a list of files and folders */
async function listings(ours: Ours, groups: number, count: number, list: '' | '?list&listFolders=1'): Promise<number[]> {
  const took: number[] = [];
  for (let number = 0; number < count; number += 1) {
    const begun = performance.now();
    const { status } = await ours.client.get(`/api/storage/bench-many/org/g${String(number * 7919 % groups)}${list}`);
    took.push(performance.now() - begun);
    if (status !== 200) throw new Error(`a folder was not listed: ${String(status)}`);
  }
  return took;
}

export const scale: Row = {
  name: 'scale',
  title: 'A cluster with many artifacts against an empty one',
  run: async (pace) => {
    const config = { tasks: { gc: { intervalMinutes: 0, deleteAfterSeconds: 0 } } };
    await using many = await startOurs({ config, postgres: { max_wal_size: '16GB', shared_buffers: '1GB' } });
    await using empty = await startOurs({ config, postgres: { max_wal_size: '16GB', shared_buffers: '1GB' } });
    await many.repository('bench-many', 'generic');
    await seedArtifacts(many.cluster.postgres, many.cluster.database, 'bench-many', pace.scale, pace.say);
    const content = randomBytes(1024);
    const asks = { many: await deployed(many, 'file.bin', content), empty: await deployed(empty, 'file.bin', content) };
    // first, on a node that has done nothing else: what it holds afterwards is what collection has made it hold
    const collected = await collection(many, asks.many, pace.scale / 10, pace);
    const get = (which: 'many' | 'empty') => (): Promise<Load> => load({ ...asks[which], connections: 32, seconds: pace.seconds });
    const put = (ours: Ours) => (): Promise<Load> => closedLoop({ workers: 32, seconds: pace.seconds, pid: ours.pid }, async (number) => {
      const { status } = await ours.client.put(`/bench-generic/puts/${String(number % 100)}/${String(number)}.bin`, randomBytes(1024));
      if (status !== 201) throw new Error(`our node answered ${String(status)}`);
    });
    const reads = await alternate({ many: get('many'), empty: get('empty') }, pace.rounds);
    const writes = await alternate({ many: put(many), empty: put(empty) }, pace.rounds);
    const groups = Math.max(1, Math.floor(pace.scale / (perFolder * listedFolders)));
    const listed: number[] = [];
    const inLists: number[] = [];
    for (let round = 0; round < pace.rounds; round += 1) {
      listed.push(quantileOf(await listings(many, groups, 100, ''), 0.99));
      inLists.push(quantileOf(await listings(many, groups, 100, '?list&listFolders=1'), 0.99));
    }
    const slower = (loads: readonly Load[]): number[] => loads.map(({ perSecond }) => 1e6 / perSecond);
    return {
      figures: [
        against('hot GET of 1 KB, time for a request, against an empty cluster', 'µs', slower(reads.many), 'empty', slower(reads.empty), { sense: 'at most', value: 1.2 }),
        against('PUT of 1 KB, time for a request, against an empty cluster', 'µs', slower(writes.many), 'empty', slower(writes.empty), { sense: 'at most', value: 1.2 }),
        alone('p99 of listing a folder with 1,000 folders', 'ms', listed, { sense: 'at most', value: 50 }),
        alone('p99 of the same as a list of files and folders, one level', 'ms', inLists, { sense: 'at most', value: 50 }),
        ...collected.figures,
      ],
      notes: [...collected.notes, `${pace.scale.toLocaleString('en')} artifacts in ${(pace.scale / perFolder).toLocaleString('en')} folders, seeded by SQL.`],
    };
  },
};
