import type { Topology } from '../../electron/contract/index.ts';

export interface TrafficSample {
  /** seconds since 1970 */
  readonly at: number;
  /** null: no node told its rates */
  readonly requestsPerSecond: number | null;
  readonly connectionsInUse: number;
  readonly connectionsObserved: number | null;
  readonly slowestP99Ms: number | null;
}

const keptSamples = 600;

/** The last ten minutes of a cluster as this screen saw them, one sample a second at most. */
export class TrafficHistory {
  readonly samples: TrafficSample[] = [];

  record(picture: Topology): void {
    const at = picture.at / 1000;
    const last = this.samples.at(-1);
    if (last !== undefined && at - last.at < 0.9) return;
    const reported = picture.nodes.filter(({ freshness }) => freshness === 'live').flatMap(({ reported: said }) => said ?? []);
    const rates = reported.flatMap(({ rates: told }) => told ?? []);
    const slowest = rates.flatMap(({ p99Ms }) => p99Ms ?? []);
    this.samples.push({
      at,
      requestsPerSecond: rates.length === 0 ? null : rates.reduce((sum, { requestsPerSecond }) => sum + requestsPerSecond, 0),
      connectionsInUse: reported.reduce((sum, { pool }) => sum + pool.inUse, 0),
      connectionsObserved: picture.databaseState === 'up' ? picture.database?.observed ?? null : null,
      slowestP99Ms: slowest.length === 0 ? null : Math.max(...slowest),
    });
    if (this.samples.length > keptSamples) this.samples.splice(0, this.samples.length - keptSamples);
  }
}
