import { performance, type EventLoopUtilization } from 'node:perf_hooks';
import type { Logger } from 'pino';
import { collectNow } from './garbage-collector.ts';

const mebibyte = 2 ** 20;
const everyMs = 10_000;
/** What a process takes beside its heap: its program, stacks, the C library. */
const basicBytes = 96 * mebibyte;
/** Less than this is not worth a collection. */
const worthwhileBytes = 96 * mebibyte;
/** Looking through a larger heap would keep a node from answering its neighbours for too long. Full caches come to some 100 MiB. */
const largestHeapBytes = 160 * mebibyte;
/** Share of its time that an idle process works at most. */
const idle = 0.2;

export interface MemoryNow {
  /** bytes in the memory of the machine */
  readonly rss: number;
  readonly heapUsed: number;
  /** buffers outside of the heap */
  readonly external: number;
}

/**
 * Decides when a process should give memory back. V8 keeps the pages of a heap that was large once, without counting them to the heap any more, and gives them
 * back only when it is told that memory is short. So a node that an hour's storm had taken to 700 MiB held them for good, with 30 MiB in use.
 */
export class SpareMemory {
  /** what was left by the last attempt: others than V8 may hold it, and only more than that is a reason to try again */
  #kept = 0;

  /** @param working share of the time since the last look in which the process worked, 0 to 1 */
  worthwhile({ rss, heapUsed, external }: MemoryNow, working: number): boolean {
    const spare = rss - heapUsed - external - basicBytes;
    return working < idle && heapUsed < largestHeapBytes && spare > this.#kept + worthwhileBytes;
  }

  given({ rss, heapUsed, external }: MemoryNow): void {
    this.#kept = Math.max(0, rss - heapUsed - external - basicBytes);
  }
}

/** Looks now and then whether this process holds much that it does not use, and gives it back while it has little to do. It keeps no process alive. */
export function giveBackMemory(log: Logger): void {
  const spare = new SpareMemory();
  let before: EventLoopUtilization = performance.eventLoopUtilization();
  setInterval(() => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    const memory = process.memoryUsage();
    if (!spare.worthwhile(memory, utilization)) return;
    const begun = performance.now();
    collectNow({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    const after = process.memoryUsage();
    spare.given(after);
    log.info({ givenBackMiB: Math.round((memory.rss - after.rss) / mebibyte), residentMiB: Math.round(after.rss / mebibyte), durationMs: Math.round(performance.now() - begun) }, 'memory given back');
  }, everyMs).unref();
}
