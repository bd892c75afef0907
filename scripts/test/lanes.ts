/** Work of the tests that may run beside other work of them. */
export interface Job<T> {
  /** its measurements would suffer from others: it runs when all others have ended */
  readonly alone?: boolean;
  run(): Promise<T>;
}

/**
 * Runs jobs in so many lanes, the first jobs first; a lane that is free takes the next one. Those that want to be alone come last, one
 * after the other.
 *
 * @returns their results in the order of the jobs
 * @throws what the first job threw that did; jobs that have begun are waited for, others are not begun
 */
export async function inLanes<T>(jobs: readonly Job<T>[], lanes: number): Promise<T[]> {
  const results = new Map<Job<T>, T>();
  const failed: unknown[] = [];
  const lane = async (queue: Job<T>[]): Promise<void> => {
    for (let job = queue.shift(); job !== undefined && failed.length === 0; job = queue.shift()) {
      try {
        results.set(job, await job.run());
      } catch (error) {
        failed.push(error);
      }
    }
  };
  const shared = jobs.filter(({ alone }) => alone !== true);
  await Promise.all(Array.from({ length: lanes }, () => lane(shared)));
  await lane(jobs.filter(({ alone }) => alone === true));
  if (failed.length > 0) throw failed[0];
  return jobs.flatMap((job) => results.has(job) ? [results.get(job) as T] : []);
}
