import { cpuSeconds } from '../framework/meter.ts';
import { quantileOf } from '../framework/statistics.ts';
import type { Load } from './load.ts';

/**
 * Some workers that each do one thing after the other until the time is over: for work of more than one request, or with a
 * body that is new each time. It runs in this process, on the generator's core, and is far from being the limit for what waits for a disk.
 *
 * @param once does it once; `number` is different each time. A failure ends the slice
 */
export async function closedLoop(
  { workers, seconds, pid }: { readonly workers: number; readonly seconds: number; readonly pid: number }, once: (number: number) => Promise<void>,
): Promise<Load> {
  const latencies: number[] = [];
  const before = cpuSeconds(pid);
  const own = process.cpuUsage();
  const begun = performance.now();
  const until = begun + seconds * 1000;
  await Promise.all(Array.from({ length: workers }, async () => {
    for (let now = performance.now(); now < until;) {
      counter += 1;
      await once(counter);
      const after = performance.now();
      latencies.push(after - now);
      now = after;
    }
  }));
  const took = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(own);
  return {
    perSecond: latencies.length / took, bytesPerSecond: 0, p50Ms: quantileOf(latencies, 0.5), p99Ms: quantileOf(latencies, 0.99),
    cpuMicros: (cpuSeconds(pid) - before) / latencies.length * 1e6, generatorCore: (user + system) / 1e6 / took,
  };
}

/** of this run: nothing is done twice */
let counter = 0;
