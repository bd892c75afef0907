/** What one incarnation asks of the connection budget. */
export interface Share {
  readonly incarnation: string;
  /** connections besides the pool; 0 while it only waits */
  readonly control: number;
  readonly minimum: number;
  readonly wanted: number;
}

/** Connections besides the pool that every member will hold: heartbeat and lease, and the cluster's own work. */
export const controlConnections = 2;

/**
 * Shares the budget out: everybody the minimum first, then one by one up to what is wanted, so that pools differ by one at most
 * where the budget is short. Null when it does not hold all minimums.
 */
export function distribute(shares: readonly Share[], budget: number): Map<string, number> | null {
  let left = budget - shares.reduce((sum, share) => sum + share.minimum + Math.max(share.control, controlConnections), 0);
  if (left < 0) return null;
  const targets = new Map(shares.map((share) => [share.incarnation, share.minimum]));
  for (let grew = true; grew && left > 0;) {
    grew = false;
    for (const { incarnation, wanted } of smallestFirst(shares, targets)) {
      const held = targets.get(incarnation) ?? 0;
      if (left === 0 || held >= wanted) continue;
      targets.set(incarnation, held + 1);
      left -= 1;
      grew = true;
    }
  }
  return targets;
}

function smallestFirst(shares: readonly Share[], targets: ReadonlyMap<string, number>): Share[] {
  return [...shares].sort((a, b) => (targets.get(a.incarnation) ?? 0) - (targets.get(b.incarnation) ?? 0));
}
