import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Digests } from './ports.ts';
import { hashThread } from './hash-thread.ts';

export type Algorithm = 'sha256' | 'sha1' | 'md5' | 'sha512';
export const contentAlgorithms = ['sha256', 'sha1', 'md5'] as const satisfies readonly Algorithm[];

/** The digests of a small body, at once. */
export function digestsOf(bytes: Buffer): Digests {
  const of = (algorithm: Algorithm): string => createHash(algorithm).update(bytes).digest('hex');
  return { sha256: of('sha256'), sha1: of('sha1'), md5: of('md5') };
}

/** One body that is being hashed on a thread. */
export interface HashJob<A extends Algorithm> {
  /** Adds the first `length` bytes of `block`; it may be written again when the promise resolves. One at a time. */
  update(block: SharedArrayBuffer, length: number): Promise<void>;
  digests(): Promise<Record<A, string>>;
  /** For a body that will not be finished. */
  drop(): void;
}

interface Reply { job: number; digests?: Record<string, string> }
interface Pending { resolve: (reply: Reply) => void; reject: (error: Error) => void }
interface Thread { worker: Worker; pending: Map<number, Pending>; jobs: number }

/** Hashes large bodies off the event loop, on a few threads that are started when first needed. */
export class HashThreads {
  readonly #threads: Thread[] = [];
  readonly #limit = Math.min(4, availableParallelism());
  #lastJob = 0;

  begin<A extends Algorithm>(algorithms: readonly A[]): HashJob<A> {
    const thread = this.#leastBusy();
    const job = ++this.#lastJob;
    thread.jobs += 1;
    const ask = (message: object): Promise<Reply> => new Promise((resolve, reject) => {
      thread.pending.set(job, { resolve, reject });
      thread.worker.postMessage({ job, ...message });
    });
    let open = true;
    const end = (): boolean => {
      if (!open) return false;
      open = false;
      thread.jobs -= 1;
      return true;
    };
    thread.worker.postMessage({ job, algorithms });
    return {
      update: async (block, length) => { await ask({ block, length }); },
      digests: async () => {
        end();
        return (await ask({ end: true })).digests as Record<A, string>;
      },
      drop: () => { if (end()) thread.worker.postMessage({ job, drop: true }); },
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.splice(0).map((thread) => thread.worker.terminate()));
  }

  #leastBusy(): Thread {
    const free = this.#threads.find((thread) => thread.jobs === 0);
    if (free !== undefined) return free;
    if (this.#threads.length < this.#limit) return this.#start();
    return this.#threads.reduce((least, thread) => (thread.jobs < least.jobs ? thread : least));
  }

  #start(): Thread {
    const worker = new Worker(hashThread, { eval: true, name: 'hashing', execArgv: [] });
    const thread: Thread = { worker, pending: new Map(), jobs: 0 };
    // an idle thread must not keep the process alive
    worker.unref();
    worker.on('message', (reply: Reply) => {
      const waiting = thread.pending.get(reply.job);
      thread.pending.delete(reply.job);
      waiting?.resolve(reply);
    });
    const fail = (error: Error): void => {
      const at = this.#threads.indexOf(thread);
      if (at >= 0) this.#threads.splice(at, 1);
      for (const waiting of thread.pending.values()) waiting.reject(error);
      thread.pending.clear();
    };
    worker.on('error', (error) => { fail(error instanceof Error ? error : new Error('The hashing thread failed')); });
    worker.on('exit', () => { fail(new Error('The hashing thread ended')); });
    this.#threads.push(thread);
    return thread;
  }
}
