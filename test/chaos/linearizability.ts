/**
 * Decides whether a history is linearizable: whether every operation can be given one moment between its start and its
 * end such that, in the order of these moments, each does what the model says.
 *
 * Depth-first search after Wing and Gong (1993) with Lowe's memo (2017): a set of operations that was tried as a prefix
 * and led to the same state is not tried twice. An operation without an end has an unknown outcome: it may take effect
 * at any time after its start, or never.
 */
export interface Operation<Action> {
  readonly action: Action;
  /** monotonic, any unit */
  readonly start: number;
  /** null: the answer never came */
  readonly end: number | null;
}

export interface Model<State, Action> {
  readonly initial: State;
  /** All states the action can lead to from `state`; none when it could not have had its result there. */
  step(state: State, action: Action): readonly State[];
  /** equal for equal states, different for others */
  key(state: State): string;
}

export interface Verdict {
  readonly linearizable: boolean;
  /** how many prefixes were looked at; a measure of the work */
  readonly visited: number;
}

interface Choice<State> {
  readonly index: number;
  readonly state: State;
}

interface Frame<State> {
  readonly choices: readonly Choice<State>[];
  next: number;
  /** the operation taken to come here; -1 for the start */
  readonly taken: number;
}

/** The prefix of a linearization that is being tried. */
class Prefix {
  readonly #done: Uint8Array;
  #low = 0;

  constructor(length: number) {
    this.#done = new Uint8Array(length);
  }

  has(index: number): boolean {
    return this.#done[index] === 1;
  }

  get low(): number {
    return this.#low;
  }

  add(index: number): void {
    this.#done[index] = 1;
    while (this.#done[this.#low] === 1) this.#low += 1;
  }

  remove(index: number): void {
    this.#done[index] = 0;
    this.#low = Math.min(this.#low, index);
  }

  /** Everything below `low` is in it, so that only the few above have to be named. */
  key(highest: number): string {
    let key = String(this.#low);
    for (let index = this.#low + 1; index <= highest; index += 1) if (this.#done[index] === 1) key += `,${String(index)}`;
    return key;
  }
}

/**
 * @param history in any order
 * @param limit   give up (throws) after so many prefixes
 */
export function checkLinearizable<State, Action>(
  history: readonly Operation<Action>[], model: Model<State, Action>, limit = 5_000_000,
): Verdict {
  const operations = [...history].sort((a, b) => a.start - b.start);
  const endOf = (index: number): number => operations[index]?.end ?? Infinity;
  const prefix = new Prefix(operations.length);
  const seen = new Set<string>();
  let open = operations.filter(({ end }) => end !== null).length;
  let highest = -1;

  /** Operations that can come next: none that has not been taken ended before they began. Those that ended first come first. */
  const choicesFrom = (state: State): Choice<State>[] => {
    const candidates: number[] = [];
    let firstEnd = Infinity;
    for (let index = prefix.low; index < operations.length; index += 1) {
      if (prefix.has(index)) continue;
      if (operations[index]!.start > firstEnd) break;
      candidates.push(index);
      firstEnd = Math.min(firstEnd, endOf(index));
    }
    candidates.sort((a, b) => endOf(a) - endOf(b));
    return candidates.flatMap((index) => model.step(state, operations[index]!.action).map((next) => ({ index, state: next })));
  };

  const stack: Frame<State>[] = [{ choices: choicesFrom(model.initial), next: 0, taken: -1 }];
  while (open > 0) {
    const frame = stack[stack.length - 1];
    if (frame === undefined) return { linearizable: false, visited: seen.size };
    const choice = frame.choices[frame.next];
    if (choice === undefined) {
      stack.pop();
      if (frame.taken >= 0) {
        prefix.remove(frame.taken);
        if (endOf(frame.taken) !== Infinity) open += 1;
      }
      continue;
    }
    frame.next += 1;
    prefix.add(choice.index);
    highest = Math.max(highest, choice.index);
    const key = `${prefix.key(highest)}|${model.key(choice.state)}`;
    if (seen.has(key)) {
      prefix.remove(choice.index);
      continue;
    }
    seen.add(key);
    if (seen.size > limit) throw new Error(`undecided after ${String(limit)} prefixes of a history of ${String(operations.length)} operations`);
    if (endOf(choice.index) !== Infinity) open -= 1;
    stack.push({ choices: open > 0 ? choicesFrom(choice.state) : [], next: 0, taken: choice.index });
  }
  return { linearizable: true, visited: seen.size };
}
