import { setTimeout as delay } from 'node:timers/promises';
import { taskRun, type TaskRun } from '../../server-bundle/contract/index.ts';
import { watchMemory } from '../framework/meter.ts';
import { alone, ratiosOfAny } from '../framework/rounds.ts';
import type { Pace, RowResult } from '../framework/row.ts';
import { load, type Load } from '../load/index.ts';
import type { Ours } from '../peers/ours.ts';
import type { Ask } from './hot.ts';
import { seedGarbage } from './seed-garbage.ts';

/** Connections of the readers: enough to keep the node's core busy, so that what collection takes is taken from them. */
const connections = 32;

/** Collects blobs with real files while somebody reads. @param count of them */
export async function collection(ours: Ours, ask: Ask, count: number, pace: Pace): Promise<RowResult> {
  await seedGarbage(ours, count, pace.say);
  const read = (): Promise<Load> => load({ ...ask, connections, seconds: pace.seconds });
  const before: Load[] = [];
  for (let round = -1; round < pace.rounds; round += 1) {
    const slice = await read();
    if (round >= 0) before.push(slice);
  }
  const memory = watchMemory(ours.pid);
  const begun = performance.now();
  const run = await begin(ours);
  const during: Load[] = [];
  let seen = run;
  for (let quiet = false; seen.finishedAt === null; quiet = !quiet) {
    // at least two thirds of the time somebody reads
    if (quiet) await delay(pace.seconds * 500);
    else during.push(await read());
    seen = await look(ours, run.id);
  }
  const seconds = (performance.now() - begun) / 1000;
  memory.stop();
  const { deleted } = seen.report as { deleted?: number };
  if (seen.state !== 'succeeded' || deleted !== count) throw new Error(`collection ended otherwise: ${seen.state} ${JSON.stringify(seen.report)}`);
  const told = `${count.toLocaleString('en')} unreferenced blobs`;
  const p99 = (loads: readonly Load[]): number[] => loads.map(({ p99Ms }) => p99Ms);
  return {
    figures: [
      alone(`collection of ${told}`, 's', [seconds], { sense: 'at most', value: 300 * count / 1_000_000 }),
      alone('memory of the node meanwhile, at most', 'MiB', [memory.highest() / 2 ** 20], { sense: 'at most', value: 150 }),
      ratiosOfAny('p99 of hot GET meanwhile, against before', 'ms', p99(during), 'before', p99(before), { sense: 'at most', value: 1.5 }),
    ],
    notes: [`The ${told} are files of 1 KiB, tombstoned and deleted in one run (\`tasks.gc.deleteAfterSeconds: 0\`), with ${String(connections)} connections that read two thirds of the time.`],
  };
}

async function begin({ cluster }: Ours): Promise<TaskRun> {
  const answer = await cluster.nodes[0]?.client.post('/api/system/storage/gc');
  if (answer?.status !== 202) throw new Error(`collection was not begun: ${answer?.text() ?? ''}`);
  return taskRun.parse(answer.json());
}

async function look({ cluster }: Ours, id: string): Promise<TaskRun> {
  return taskRun.parse((await cluster.nodes[0]?.client.get(`/api/v1/tasks/${id}`))?.json());
}
