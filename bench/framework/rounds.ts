import { ratiosOf, spreadOf } from './statistics.ts';
import type { Figure, Target } from './row.ts';

/** A subject's values, round by round. */
export type Rounds<Name extends string> = Readonly<Record<Name, readonly number[]>>;

/**
 * Measures each subject once a round, in an order that changes from round to round, so that neither what the machine does meanwhile nor
 * who comes first favours one of them. A first round that warms up (round -1; servers compile what is hot) is thrown away.
 */
export async function alternate<Name extends string, Value>(
  subjects: Readonly<Record<Name, (round: number) => Promise<Value>>>, rounds: number, { warmUp = true }: { readonly warmUp?: boolean } = {},
): Promise<Record<Name, Value[]>> {
  const names = Object.keys(subjects) as Name[];
  const seen = Object.fromEntries(names.map((name) => [name, [] as Value[]])) as Record<Name, Value[]>;
  for (let round = warmUp ? -1 : 0; round < rounds; round += 1) {
    const first = (round + 1) % names.length;
    for (const name of [...names.slice(first), ...names.slice(0, first)]) {
      const value = await subjects[name](round);
      if (round >= 0) seen[name].push(value);
    }
  }
  return seen;
}

/** A figure of ours held against a peer's. */
export function against(what: string, unit: string, ours: readonly number[], peer: string, theirs: readonly number[], target: Target | null): Figure {
  return { what, unit, ours: spreadOf(ours), theirs: spreadOf(theirs), peer, ratio: ratiosOf(ours, theirs), target };
}

/** A figure of ours that stands for itself. */
export function alone(what: string, unit: string, ours: readonly number[], target: Target | null): Figure {
  return { what, unit, ours: spreadOf(ours), theirs: null, peer: null, ratio: null, target };
}

/** As `against`, for what was measured in two stretches of time instead of turn by turn: each value is held against the median of the other stretch. */
export function ratiosOfAny(what: string, unit: string, ours: readonly number[], peer: string, theirs: readonly number[], target: Target | null): Figure {
  const { median } = spreadOf(theirs);
  return against(what, unit, ours, peer, ours.map(() => median), target);
}
