import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { cores } from './cores.ts';

/** Where and when a row was measured. */
export interface Circumstances {
  readonly at: string;
  readonly machine: string;
  /** what else kept the machine busy when the row began: the load of the last minute, per core */
  readonly loadBefore: number;
  readonly pinning: string;
  readonly commit: string;
}

export function circumstances(): Circumstances {
  const processors = cpus();
  const [load = 0] = loadavg();
  return {
    at: new Date().toISOString(),
    machine: `${String(processors.length)} × ${processors[0]?.model.trim() ?? 'unknown'}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Linux ${release()}, Node.js ${process.version}`,
    loadBefore: Math.round(load / processors.length * 100) / 100,
    pinning: cores === null ? 'nothing is pinned' : `server on core ${cores.server}; load generator, database and upstream on core ${cores.generator}`,
    commit: execFileSync('git', ['describe', '--always', '--dirty'], { cwd: import.meta.dirname, encoding: 'utf8' }).trim(),
  };
}
