import type { Sight } from './conditions.ts';

/** What the master saw at its last evaluation, for metrics: nothing of it asks the database. */
export interface ClusterFigures {
  /** milliseconds since 1970 by this host's clock */
  readonly evaluatedAt: number;
  readonly budget: number;
  readonly observed: number;
  readonly foreign: number;
  readonly maxConnections: number;
  /** nodes that are members now, and that were lost or stopped */
  readonly live: number;
  readonly missing: number;
}

/** Null on every node but the master. */
export class AlertFigures {
  #last: ClusterFigures | null = null;

  get last(): ClusterFigures | null {
    return this.#last;
  }

  evaluated({ cluster: { nodes }, budget: { budget, observed, foreign, maxConnections } }: Sight): void {
    const members = nodes.filter(({ incarnation }) => incarnation !== null);
    const live = members.filter(({ goneCause }) => goneCause === null).length;
    const missing = members.filter(({ goneCause, desired }) => goneCause !== null && desired !== 'drained' && desired !== 'stopped').length;
    this.#last = { evaluatedAt: Date.now(), budget, observed, foreign, maxConnections, live, missing };
  }

  /** This node is not the master any more. */
  forget(): void {
    this.#last = null;
  }
}
