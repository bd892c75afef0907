/** One way things can stand at a moment of a history. */
export interface Situation<State> {
  readonly state: State;
  /** operations under way that have taken effect, one bit each: those that change something, and those that do not */
  readonly changed: bigint;
  readonly looked: bigint;
  /** how many operations of unknown outcome of each kind have taken effect */
  readonly used: readonly number[];
}

/** Whatever can follow `b` can follow `a`: it has everything open that `b` has, and has seen as much. */
function replaces<State>(a: Situation<State>, b: Situation<State>): boolean {
  return (a.looked & b.looked) === b.looked && a.used.every((count, kind) => count <= b.used[kind]!);
}

/** Situations none of which another one can replace. */
export class Frontier<State> {
  readonly #keyOf: (state: State) => string;
  readonly #alike = new Map<string, Situation<State>[]>();

  constructor(keyOf: (state: State) => string) {
    this.#keyOf = keyOf;
  }

  get isEmpty(): boolean {
    return this.#alike.size === 0;
  }

  /** False when one that is here already can replace it. */
  add(situation: Situation<State>): boolean {
    const key = `${String(situation.changed)}|${this.#keyOf(situation.state)}`;
    const alike = this.#alike.get(key) ?? [];
    if (alike.some((each) => replaces(each, situation))) return false;
    this.#alike.set(key, [...alike.filter((each) => !replaces(situation, each)), situation]);
    return true;
  }

  *situations(): Generator<Situation<State>> {
    for (const alike of this.#alike.values()) yield* alike;
  }

  /** Only so many of them, those that have used up least. True when some were left out. */
  narrow(width: number): boolean {
    const all = [...this.situations()];
    if (all.length <= width) return false;
    const spent = ({ used }: Situation<State>): number => used.reduce((sum, count) => sum + count, 0);
    this.#alike.clear();
    for (const situation of all.sort((a, b) => spent(a) - spent(b)).slice(0, width)) this.add(situation);
    return true;
  }

  map(change: (state: State) => State): Frontier<State> {
    const changed = new Frontier<State>(this.#keyOf);
    for (const situation of this.situations()) changed.add({ ...situation, state: change(situation.state) });
    return changed;
  }
}
