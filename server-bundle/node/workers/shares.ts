/** A worker cannot work with less database connections, and neither can the process that leads them. */
export const leastShare = 2;

/** Connections that a node's own process keeps, at most: it does the master's work, and no client's once there are workers. */
const mostOwn = 4;

/** How many workers a pool of `total` connections is enough for. */
export function mostWorkers(total: number): number {
  return Math.max(0, Math.floor(total / leastShare) - 1);
}

/** How many connections a pool needs so that `workers` can share it. */
export function leastPool(workers: number): number {
  return (workers + 1) * leastShare;
}

export interface Shares {
  readonly own: number;
  /** of each worker, in order; they differ by one at most */
  readonly workers: readonly number[];
}

/** Divides `total` connections between a node's own process and its workers. Without workers everything is its own. */
export function sharesOf(total: number, workers: number): Shares {
  if (workers === 0) return { own: total, workers: [] };
  const own = Math.min(mostOwn, Math.max(leastShare, Math.floor(total / (workers + 1) / 2)));
  const rest = Math.max(0, total - own);
  return { own, workers: Array.from({ length: workers }, (_, index) => Math.floor(rest / workers) + (index < rest % workers ? 1 : 0)) };
}
