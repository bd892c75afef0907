import { randomBytes } from 'node:crypto';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { killAtExit } from '../../test/harness/processes.ts';
import { temporaryFolder } from '../../test/harness/temporary-folder.ts';
import { pin } from '../framework/cores.ts';
import { cpuSeconds } from '../framework/meter.ts';
import { alternate } from '../framework/rounds.ts';
import type { Pace, Row } from '../framework/row.ts';
import { closedLoop } from '../load/closed-loop.ts';
import type { Load } from '../load/index.ts';
import { startDockerRegistry } from '../peers/docker-registry.ts';
import { startOurs, type Ours } from '../peers/ours.ts';
import { noteOf, rateFigures, withoutIdle } from './hot.ts';

const workers = 32;
const bytes = 1024;

interface BareLoop extends AsyncDisposable {
  readonly pid: number;
  run(pace: Pace): Promise<Load>;
}

/** On the same disk and in the same PostgreSQL as ours, with as many connections. */
async function startBareLoop(ours: Ours): Promise<BareLoop> {
  const folder = await temporaryFolder('bare-loop');
  const { postgres } = ours.cluster;
  const connection = `postgresql://${postgres.user}:${postgres.password}@${postgres.host}:${String(postgres.port)}/${await postgres.createDatabase('bare')}`;
  const child = fork(join(import.meta.dirname, '../peers/bare-loop.ts'), [JSON.stringify({ folder: folder.path, connection, bytes, pool: 20, workers })], { env: { ...process.env, UV_THREADPOOL_SIZE: '16' } });
  killAtExit(child);
  await once(child, 'message');
  const pid = child.pid ?? 0;
  await pin(pid, 'server');
  return {
    pid,
    run: async ({ seconds }) => {
      const before = cpuSeconds(pid);
      child.send(seconds * 1000);
      const [perSecond] = await once(child, 'message') as [number];
      return { perSecond, bytesPerSecond: 0, p50Ms: NaN, p99Ms: NaN, cpuMicros: (cpuSeconds(pid) - before) / (perSecond * seconds) * 1e6, generatorCore: 0 };
    },
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      await folder.remove();
    },
  };
}

export const put1k: Row = {
  name: 'put-1k',
  title: 'PUT 1 KB, durable, all checksums, 32 at a time',
  run: async (pace) => {
    await using ours = await startOurs();
    await using bare = await startBareLoop(ours);
    await using registry = await startDockerRegistry();
    await ours.repository('bench-generic', 'generic');
    const loop = (pid: number, put: (number: number) => Promise<void>) => (): Promise<Load> => closedLoop({ workers, seconds: pace.seconds, pid }, put);
    const pids = { ours: ours.pid, 'bare loop': bare.pid, 'docker-registry': registry.pid };
    const seen = await withoutIdle(pids, () => alternate({
      ours: loop(ours.pid, async (number) => {
        const { status } = await ours.client.put(`/bench-generic/puts/${String(number % 100)}/${String(number)}.bin`, randomBytes(bytes));
        if (status !== 201) throw new Error(`our node answered ${String(status)}`);
      }),
      'bare loop': () => bare.run(pace),
      'docker-registry': loop(registry.pid, async () => { await registry.push(randomBytes(bytes)); }),
    }, pace.rounds));
    return {
      figures: [
        ...rateFigures('write, fsync, rename, insert one row', seen.ours, 'bare loop', seen['bare loop'], { sense: 'at least', value: 0.5 }),
        ...rateFigures('blob push', seen.ours, 'docker-registry', seen['docker-registry'], { sense: 'at least', value: 3 }),
      ],
      notes: [noteOf({ ours: seen.ours, 'docker-registry': seen['docker-registry'] })],
    };
  },
};
