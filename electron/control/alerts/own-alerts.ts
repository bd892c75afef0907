import { nextPhase, type AlertPhase, type Hysteresis } from '../../../server-bundle/contract/index.ts';
import type { Alert, Topology } from '../../contract/index.ts';
import { ownConditions, type OwnCondition } from './own-conditions.ts';

interface Watched {
  phase: AlertPhase;
  condition: OwnCondition;
  acknowledged: Alert['acknowledged'];
}

export interface OwnTransition {
  readonly kind: 'raised' | 'cleared';
  readonly condition: OwnCondition;
}

/** What this app sees of one cluster, with hysteresis. Known to nobody else, and forgotten with the app. */
export class OwnAlerts {
  readonly #hysteresis: Hysteresis;
  readonly #watched = new Map<string, Watched>();

  constructor(hysteresis: Hysteresis) {
    this.#hysteresis = hysteresis;
  }

  /** Takes in the present picture; returns what was raised and cleared by it. */
  look(picture: Topology, at: number): OwnTransition[] {
    const conditions = new Map(ownConditions(picture).map((condition) => [`${condition.rule}/${condition.subject}`, condition]));
    const transitions: OwnTransition[] = [];
    for (const key of new Set([...this.#watched.keys(), ...conditions.keys()])) {
      const before = this.#watched.get(key);
      const now = conditions.get(key);
      const condition = now ?? before?.condition;
      if (condition === undefined) continue;
      const { next, transition } = nextPhase(before?.phase ?? null, now !== undefined, at, this.#hysteresis);
      if (transition !== null) transitions.push({ kind: transition, condition });
      if (next === null) this.#watched.delete(key);
      else this.#watched.set(key, { phase: next, condition, acknowledged: before?.acknowledged ?? null });
    }
    return transitions;
  }

  /** Those that are raised. */
  open({ clusterId, name }: Pick<Topology, 'clusterId' | 'name'>): Alert[] {
    return [...this.#watched].flatMap(([key, { phase, condition, acknowledged }]): Alert[] => (phase.phase === 'pending' ? [] : [{
      ...condition, acknowledged, id: idOf(clusterId, key), source: 'app', clusterId, clusterName: name, mutedUntil: null, clearedAt: null,
      since: new Date(phase.since).toISOString(), raisedAt: new Date(phase.raisedAt).toISOString(),
    }]));
  }

  /** False when there is no such alert. */
  acknowledge(clusterId: string, alertId: string, acknowledged: NonNullable<Alert['acknowledged']>): boolean {
    for (const [key, watched] of this.#watched) {
      if (idOf(clusterId, key) !== alertId || watched.phase.phase === 'pending') continue;
      watched.acknowledged = acknowledged;
      return true;
    }
    return false;
  }
}

/** Tells at sight that the cluster does not know it. */
function idOf(clusterId: string, key: string): string {
  return `app/${clusterId}/${key}`;
}

export function isOwn(alertId: string): boolean {
  return alertId.startsWith('app/');
}
