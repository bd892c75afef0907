import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../../test/harness/temporary-folder.ts';
import { pinned } from '../framework/cores.ts';
import { against, alone, alternate } from '../framework/rounds.ts';
import type { Row } from '../framework/row.ts';
import { transfer, type Transfer } from '../load/curl.ts';
import { load, type Load } from '../load/index.ts';
import { startOurs } from '../peers/ours.ts';
import { deployed } from './hot.ts';

const mib = 2 ** 20;

async function digestsOnOneCore(bytes: number): Promise<number> {
  const [command, args] = pinned('server', process.execPath, [join(import.meta.dirname, '../peers/digest-loop.ts'), String(bytes)]);
  return Number((await promisify(execFile)(command, args)).stdout);
}

/** A file whose beginning is another one each time: nothing of it is stored already. */
async function renew(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(randomBytes(4096), 0, 4096, 0);
  await file.close();
}

export const put1g: Row = {
  name: 'put-1g',
  title: 'PUT 1 GB, one stream, three digests',
  run: async (pace) => {
    await using ours = await startOurs();
    await using folder = await temporaryFolder('put-1g');
    const small = await deployed(ours, 'small.bin', randomBytes(1024));
    const mebibytes = pace.quick ? 64 : 1024;
    const path = join(folder.path, '1g.bin');
    const file = await open(path, 'w');
    for (let count = 0; count < mebibytes / 16; count += 1) await file.write(randomBytes(16 * mib));
    await file.close();
    let counter = 0;
    const put = async (): Promise<Transfer> => {
      await renew(path);
      counter += 1;
      const target = `/bench-generic/large/${String(counter)}.bin`;
      const result = await transfer({ url: `${ours.url}${target}`, headers: ours.headers, upload: path, pid: ours.pid });
      await ours.client.delete(target);
      return result;
    };
    const others = (): Promise<Load> => load({ ...small, connections: 2, seconds: pace.seconds });
    const seen = await alternate<'ours' | 'one core', Pick<Transfer, 'bytesPerSecond' | 'memoryGrowth'>>({
      ours: put, 'one core': async () => ({ bytesPerSecond: await digestsOnOneCore(mebibytes * mib) * mib, memoryGrowth: 0 }),
    }, Math.min(pace.rounds, 5));
    const speed = (transfers: readonly { readonly bytesPerSecond: number }[]): number[] => transfers.map(({ bytesPerSecond }) => bytesPerSecond / mib);
    const quiet: number[] = [];
    const beside: number[] = [];
    for (let round = 0; round < Math.min(pace.rounds, 5); round += 1) {
      quiet.push((await others()).p99Ms);
      // one after the other until the others have been measured
      const measured = new AbortController();
      const puts = (async (): Promise<void> => { while (!measured.signal.aborted) await put(); })();
      beside.push((await others()).p99Ms);
      measured.abort();
      await puts;
    }
    return {
      figures: [
        against('against one core that computes the three digests in memory', 'MiB/s', speed(seen.ours), 'one core', speed(seen['one core']), { sense: 'at least', value: 0.8 }),
        alone('memory beyond what it was', 'MiB', seen.ours.map(({ memoryGrowth }) => memoryGrowth / mib), { sense: 'at most', value: 64 }),
        against('p99 of other clients, against without the PUT', 'ms', beside, 'without', quiet, { sense: 'at most', value: 2 }),
      ],
      notes: ['With two cores the node has one, for its digests, its disk calls and its other clients; the kernel shares it among them.', ...(pace.quick ? ['In a short run 1 GB is 64 MB.'] : [])],
    };
  },
};
