import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { pinned } from '../framework/cores.ts';
import { cpuSeconds } from '../framework/meter.ts';
import { LoadFailed, type Asked, type Load } from './load.ts';

const result = z.object({ requests: z.number(), seconds: z.number(), bytes: z.number(), p50Ms: z.number(), p99Ms: z.number(), errors: z.number(), refused: z.number() });

/** Seconds. */
const longestSlice = 48;

export async function hasWrk(): Promise<boolean> {
  // it prints its usage and ends with 1
  return promisify(execFile)('wrk', ['-v']).then(() => true, (error: unknown) => !(error instanceof Error && 'code' in error && error.code === 'ENOENT'));
}

/** One slice of load with one thread of wrk. @throws LoadFailed when a request was not answered with 2xx */
export async function wrk({ url, headers = {}, connections, seconds, pid }: Asked): Promise<Load> {
  const [command, args] = pinned('generator', 'wrk', [
    '-t1', `-c${String(connections)}`, `-d${String(seconds)}s`, '--timeout', '30s', '-s', join(import.meta.dirname, 'report.lua'),
    ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]), url,
  ]);
  const before = cpuSeconds(pid);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => { printed += text; });
  let generatorSeconds = 0;
  const timer = setInterval(() => { generatorSeconds = Math.max(generatorSeconds, cpuSeconds(child.pid ?? 0)); }, 50);
  try {
    await once(child, 'close');
  } finally {
    clearInterval(timer);
    child.kill('SIGKILL');
  }
  const line = /^RESULT (.*)$/m.exec(printed)?.[1];
  if (line === undefined) throw new LoadFailed(`wrk has not measured ${url}: ${printed.slice(-300)}`);
  const { requests, seconds: took, bytes, p50Ms, p99Ms, errors, refused } = result.parse(JSON.parse(line));
  // a slice that was too short for a single answer says nothing: a longer one does
  if (requests + refused + errors === 0 && seconds < longestSlice) return wrk({ url, headers, connections, seconds: Math.min(longestSlice, seconds * 4), pid });
  if (refused + errors > 0 || requests === 0) throw new LoadFailed(`${url}: of ${String(requests)} requests ${String(refused)} were refused and ${String(errors)} broke`);
  return {
    perSecond: requests / took, bytesPerSecond: bytes / took, p50Ms, p99Ms,
    cpuMicros: (cpuSeconds(pid) - before) / requests * 1e6, generatorCore: generatorSeconds / took,
  };
}
