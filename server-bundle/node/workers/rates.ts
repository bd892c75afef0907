import type { NodeRates } from '../../contract/index.ts';

/** Rates of a node from those of its processes: work and memory add up, of delays the longest counts. */
export function ratesOfAll([first, ...others]: readonly [NodeRates, ...NodeRates[]]): NodeRates {
  return others.reduce((all, rates) => ({
    requestsPerSecond: all.requestsPerSecond + rates.requestsPerSecond,
    bytesInPerSecond: all.bytesInPerSecond + rates.bytesInPerSecond,
    bytesOutPerSecond: all.bytesOutPerSecond + rates.bytesOutPerSecond,
    queriesPerSecond: all.queriesPerSecond + rates.queriesPerSecond,
    p99Ms: longest(all.p99Ms, rates.p99Ms),
    eventLoopP99Ms: Math.max(all.eventLoopP99Ms, rates.eventLoopP99Ms),
    memoryBytes: all.memoryBytes + rates.memoryBytes,
  }), first);
}

function longest(one: number | null, other: number | null): number | null {
  if (one === null) return other;
  return other === null ? one : Math.max(one, other);
}
