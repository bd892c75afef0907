import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { pinned } from '../framework/cores.ts';
import { cpuSeconds } from '../framework/meter.ts';
import { peersFromNpm } from '../peers/npm-packages.ts';
import { LoadFailed, type Asked, type Load } from './load.ts';

const result = z.object({
  requests: z.object({ total: z.number() }), throughput: z.object({ total: z.number() }), duration: z.number(),
  latency: z.object({ p50: z.number(), p99: z.number() }), errors: z.number(), non2xx: z.number(),
});

/** One slice of load where there is no wrk. A program in JavaScript: against fast servers it is the limit itself, which `generatorCore` shows. */
export async function autocannon({ url, headers = {}, connections, seconds, pid }: Asked): Promise<Load> {
  const script = join(await peersFromNpm(), 'node_modules/autocannon/autocannon.js');
  const [command, args] = pinned('generator', process.execPath, [
    script, '--json', '--no-progress', '-c', String(connections), '-d', String(seconds), ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}=${value}`]), url,
  ]);
  const before = cpuSeconds(pid);
  const { stdout } = await promisify(execFile)(command, args, { maxBuffer: 1 << 24 });
  const { requests: { total }, throughput, duration, latency, errors, non2xx } = result.parse(JSON.parse(stdout));
  if (errors + non2xx > 0 || total === 0) throw new LoadFailed(`${url}: of ${String(total)} requests ${String(non2xx)} were refused and ${String(errors)} broke`);
  return {
    perSecond: total / duration, bytesPerSecond: throughput.total / duration, p50Ms: latency.p50, p99Ms: latency.p99,
    cpuMicros: (cpuSeconds(pid) - before) / total * 1e6, generatorCore: 1,
  };
}
