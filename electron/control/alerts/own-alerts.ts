import { nextPhase, type AlertPhase, type Hysteresis } from '../../../server-bundle/contract/index.ts';
import type { Alert, Topology } from '../../contract/index.ts';
import type { AlertBook } from './alert-book.ts';
import { keyOf, ownConditions, showsTheEnd, type OwnCondition } from './own-conditions.ts';

interface Watched {
  phase: AlertPhase;
  condition: OwnCondition;
}

export interface OwnTransition {
  readonly kind: 'raised' | 'cleared';
  readonly condition: OwnCondition;
}

export interface OwnAlertsOptions extends Hysteresis {
  readonly clusterId: string;
  readonly book: AlertBook;
  /** false: a program that ends at once sees too little to say that an alert is over */
  readonly endsAlerts: boolean;
}

/** What this app sees of one cluster, with hysteresis. Known to nobody else; who takes care of what stands in the book. */
export class OwnAlerts {
  readonly #options: OwnAlertsOptions;
  readonly #watched = new Map<string, Watched>();

  constructor(options: OwnAlertsOptions) {
    this.#options = options;
  }

  /** Takes in the present picture; returns what was raised and cleared by it. */
  look(picture: Topology, at: number): OwnTransition[] {
    const conditions = new Map(ownConditions(picture).map((condition) => [keyOf(condition), condition]));
    const transitions: OwnTransition[] = [];
    for (const key of new Set([...this.#watched.keys(), ...conditions.keys()])) {
      const before = this.#watched.get(key);
      const now = conditions.get(key);
      const condition = now ?? before?.condition;
      if (condition === undefined) continue;
      const { next, transition } = nextPhase(before?.phase ?? null, now !== undefined, at, this.#options);
      if (transition !== null) transitions.push({ kind: transition, condition });
      if (next === null) this.#watched.delete(key);
      else this.#watched.set(key, { phase: next, condition });
    }
    this.#forgetEnded(picture);
    return transitions;
  }

  /** Those that are raised. */
  open({ clusterId, name }: Pick<Topology, 'clusterId' | 'name'>): Alert[] {
    const acknowledgements = this.#options.book.acknowledgements(clusterId);
    return [...this.#watched].flatMap(([key, { phase, condition }]): Alert[] => (phase.phase === 'pending' ? [] : [{
      ...condition, acknowledged: acknowledgements.get(key) ?? null, id: idOf(clusterId, key), source: 'app', clusterId, clusterName: name, mutedUntil: null, clearedAt: null,
      since: new Date(phase.since).toISOString(), raisedAt: new Date(phase.raisedAt).toISOString(),
    }]));
  }

  /** False when there is no such alert. */
  acknowledge(alertId: string, acknowledged: NonNullable<Alert['acknowledged']>): boolean {
    const { clusterId, book } = this.#options;
    for (const [key, watched] of this.#watched) {
      if (idOf(clusterId, key) !== alertId || watched.phase.phase === 'pending') continue;
      book.acknowledge(clusterId, key, acknowledged);
      return true;
    }
    return false;
  }

  /** What was acknowledged may have ended before this program has begun to look. */
  #forgetEnded(picture: Topology): void {
    const { clusterId, book, endsAlerts } = this.#options;
    if (!endsAlerts) return;
    for (const key of book.acknowledgements(clusterId).keys()) {
      if (!this.#watched.has(key) && showsTheEnd(picture, key)) book.forget(clusterId, key);
    }
  }
}

/** Tells at sight that the cluster does not know it. */
function idOf(clusterId: string, key: string): string {
  return `app/${clusterId}/${key}`;
}

export function isOwn(alertId: string): boolean {
  return alertId.startsWith('app/');
}
