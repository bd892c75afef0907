import type { Action, Entry } from './history.ts';
import { Random } from './random.ts';

export interface Happening {
  readonly operations: number;
  /** neighbours (0 and 1, 2 and 3, …) are moved and copied onto each other */
  readonly paths: number;
  readonly clients: number;
  /** share of operations whose outcome nobody knows; half of these took effect */
  readonly unknowns?: number;
  readonly weights?: Readonly<Record<string, number>>;
  /** unknown outcomes come three times as often in every third stretch of 200 ms, and none apart from these; and may take effect 400 ms late */
  readonly storms?: boolean;
}

const mild = { put: 4, read: 12, delete: 1, move: 1 };

interface Planned {
  readonly id: number;
  readonly start: number;
  readonly moment: number;
  readonly end: number;
  readonly unknown: boolean;
}

function plan(random: Random, { operations, clients, unknowns = 0.01, storms = false }: Happening): Planned[] {
  const free = Array.from({ length: clients }, () => 0);
  return Array.from({ length: operations }, (_, id) => {
    const client = random.below(clients);
    const start = free[client]! + random.next();
    const unknown = storms ? Math.floor(start / 200) % 3 === 1 && random.next() < unknowns * 3 : random.next() < unknowns;
    const moment = start + random.next() * (unknown && storms ? 400 : 10);
    const end = moment + random.next() * 10;
    // who has waited for long enough goes on
    free[client] = unknown && storms ? start + 40 : end;
    return { id, start, moment, end, unknown };
  }).sort((a, b) => a.moment - b.moment);
}

/** A history that really happened: every operation takes effect at one moment between its start and its end, or nobody knows. */
export function happened(seed: number, happening: Happening): Entry[] {
  const random = new Random(seed);
  const state = new Map<string, string>();
  const planned = plan(random, happening);
  return planned.map(({ id, start, end, unknown }): Entry => {
    const index = random.below(happening.paths);
    const path = `p${String(index)}`;
    const to = `p${String(index ^ 1)}`;
    const present = state.get(path);
    const kind = random.weighted(happening.weights ?? mild) as Action['kind'];
    const lost = unknown && random.next() < 0.5;
    const value = `v${String(id)}`;
    if (!lost) {
      if (kind === 'put') state.set(path, value);
      if (kind === 'delete' || kind === 'move') state.delete(path);
      if ((kind === 'move' || kind === 'copy') && present !== undefined) state.set(to, present);
    }
    const did = present !== undefined;
    const learned: Record<Action['kind'], Action> = {
      put: { kind: 'put', path, value },
      read: { kind: 'read', path, value: present ?? null },
      list: { kind: 'list', path, listed: did },
      delete: { kind: 'delete', path, ...(unknown ? {} : { existed: did }) },
      move: { kind: 'move', path, to, ...(unknown ? {} : { moved: did }) },
      copy: { kind: 'copy', path, to, ...(unknown ? {} : { copied: did }) },
    };
    return { start, end: unknown ? null : end, action: learned[kind], client: 0, via: 'n1', answer: '' };
  });
}

/** What is hard to decide: two pairs of paths, many moves and copies, and answers that are lost by the dozen. */
export const stormy = (seed: number): Entry[] => happened(seed, {
  operations: 1400, paths: 4, clients: 16, unknowns: 0.1, storms: true, weights: { put: 5, read: 14, delete: 1, move: 1.5, copy: 1.5, list: 2 },
});
