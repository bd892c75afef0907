import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { pinned } from '../framework/cores.ts';
import { cpuSeconds, watchMemory } from '../framework/meter.ts';
import { LoadFailed } from './load.ts';

/** One large transfer. */
export interface Transfer {
  readonly bytesPerSecond: number;
  /** what the server had beyond what it had before, at most, bytes */
  readonly memoryGrowth: number;
  /** processor time of the server for each MiB, microseconds */
  readonly cpuMicrosPerMiB: number;
}

/** Downloads to nowhere, or uploads a file, with curl on the generator's core. @throws LoadFailed when the status is not 2xx */
export async function transfer(
  { url, headers = {}, upload, pid }: { readonly url: string; readonly headers?: Readonly<Record<string, string>>; readonly upload?: string; readonly pid: number },
): Promise<Transfer> {
  const [command, args] = pinned('generator', 'curl', [
    '-sS', '-o', '/dev/null', '-w', '%{http_code} %{time_total} %{size_download} %{size_upload}',
    ...Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]), ...(upload === undefined ? [] : ['-T', upload]), url,
  ]);
  const memory = watchMemory(pid);
  const residentBefore = memory.highest();
  const before = cpuSeconds(pid);
  try {
    const { stdout } = await promisify(execFile)(command, args);
    const [status = 0, seconds = NaN, down = 0, up = 0] = stdout.split(' ').map(Number);
    if (status < 200 || status > 299) throw new LoadFailed(`${url} answered ${String(status)}`);
    const bytes = upload === undefined ? down : up;
    return { bytesPerSecond: bytes / seconds, memoryGrowth: memory.highest() - residentBefore, cpuMicrosPerMiB: (cpuSeconds(pid) - before) / bytes * 2 ** 20 * 1e6 };
  } finally {
    memory.stop();
  }
}
