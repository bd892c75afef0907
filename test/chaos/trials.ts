import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { pause } from '../harness/wait-for.ts';

/** Something that happens to a cluster, and what is promised about its end. */
export interface Event {
  readonly what: string;
  /** promised, milliseconds */
  readonly p50: number;
  readonly p99: number;
  /** a trial is begun no sooner than so many milliseconds after the one before; default at once */
  readonly restMs?: number;
  /** resolves to the milliseconds that it took */
  trial(): Promise<number>;
}

export interface Distribution {
  /** milliseconds, the shortest first */
  readonly times: readonly number[];
  readonly p50: number;
  readonly p99: number;
  readonly kept: boolean;
}

/** Nearest rank (Hyndman and Fan 1996, definition 1): of 50 trials the 99th percentile is the longest. */
function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

/** Brings an event about so many times. @param ready resolves when everything is well again */
export async function distribute(event: Event, trials: number, ready: () => Promise<void>): Promise<Distribution> {
  const times: number[] = [];
  while (times.length < trials) {
    if (times.length > 0) await pause(event.restMs ?? 0);
    await ready();
    // when all have just seen a node join, all have just sent a heartbeat: a failure comes at any moment between two
    await pause(Math.random() * 1000);
    times.push(await event.trial());
    if (times.length % 10 === 0) console.error(`${event.what}: ${String(times.length)} of ${String(trials)}`);
  }
  times.sort((a, b) => a - b);
  const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
  return { times, p50, p99, kept: p50 <= event.p50 && p99 <= event.p99 };
}

/** Rows of docs/failover.md, printed as they become known. */
export async function printTable(where: string, events: readonly Event[], trials: number, ready: () => Promise<void>): Promise<void> {
  const load = (): string => (loadavg()[0] ?? 0).toFixed(1);
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  console.log(`${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model ?? 'unknown CPU'}, ${String(availableParallelism())} cores, ${(totalmem() / 2 ** 30).toFixed(0)} GiB; ${where}\n`);
  console.log('| event | trials | load average | shortest | p50 | promised | p99 | promised | kept |\n|---|---|---|---|---|---|---|---|---|');
  for (const event of events) {
    const before = load();
    const { times, p50, p99, kept } = await distribute(event, trials, ready);
    console.log(`| ${event.what} | ${String(trials)} | ${before} – ${load()} | ${ms(times[0] ?? NaN)} | ${ms(p50)} | ${ms(event.p50)} | ${ms(p99)} | ${ms(event.p99)} | ${kept ? 'yes' : 'no'} |`);
  }
}
