/**
 * Decides whether a history is linearizable: whether every operation can be given one moment between its start and its
 * end such that, in the order of these moments, each does what the model says.
 *
 * Depth-first search after Wing and Gong (1993) with Lowe's memo (2017): a set of operations that was tried as a prefix
 * and led to the same state is not tried twice. An operation without an end has an unknown outcome: it may take effect
 * at any time after its start, or never. It is tried only right before an operation that could notice it: earlier is the
 * same, and without one it is as if it never happened.
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
  /** Whether `next` could notice that `unknown` took effect right before it. Always true is right, and slow. */
  notices(next: Action, unknown: Action): boolean;
  /** equal for equal states, different for others */
  key(state: State): string;
  /** Equal for actions of unknown outcome that nobody can tell apart, whatever the state: of these only the earliest is tried. */
  kindOf(unknown: Action): string;
}

export interface Verdict {
  readonly linearizable: boolean;
  /** how many prefixes were looked at; a measure of the work */
  readonly visited: number;
}

/** The search was given up before it found an order or had tried them all. */
export class Undecided extends Error {
  override readonly name = 'Undecided';
}

interface Choice<State> {
  /** index of the operation with an answer that is taken */
  readonly index: number;
  /** those of unknown outcome that take effect right before it, in this order */
  readonly unknown: readonly number[];
  readonly state: State;
}

interface Frame<State> {
  readonly choices: readonly Choice<State>[];
  next: number;
  /** what was taken to come here; undefined for the start */
  readonly taken: Choice<State> | undefined;
}

/** Longest chain of operations of unknown outcome that take effect right after each other. */
const longestChain = 3;

/** Operations of unknown outcome that do the same, by start. Each can stand for every later one, so only the first that is free counts. */
interface Alike<Action> {
  readonly action: Action;
  /** indexes among the operations of unknown outcome, and their starts */
  readonly members: readonly { readonly index: number; readonly start: number }[];
  /** another one of unknown outcome could notice it */
  readonly leadsOn: boolean;
}

function groupAlike<State, Action>(unknowns: readonly Operation<Action>[], model: Model<State, Action>): Alike<Action>[] {
  const groups = Map.groupBy(unknowns.entries(), ([, { action }]) => model.kindOf(action));
  const kinds = [...groups.values()].map((members) => ({
    action: members[0]![1].action,
    members: members.map(([index, { start }]) => ({ index, start })),
  }));
  return kinds.map((kind) => ({ ...kind, leadsOn: kinds.some((later) => later !== kind && model.notices(later.action, kind.action)) }));
}

/** The prefix of a linearization that is being tried. */
class Prefix {
  readonly #done: Uint8Array;
  readonly #unknown = new Set<number>();
  #low = 0;
  #highest = -1;

  constructor(length: number) {
    this.#done = new Uint8Array(length);
  }

  has(index: number): boolean {
    return this.#done[index] === 1;
  }

  hasUnknown(index: number): boolean {
    return this.#unknown.has(index);
  }

  /** first operation that is not in it */
  get low(): number {
    return this.#low;
  }

  add({ index, unknown }: Choice<unknown>): void {
    this.#done[index] = 1;
    this.#highest = Math.max(this.#highest, index);
    while (this.#done[this.#low] === 1) this.#low += 1;
    for (const each of unknown) this.#unknown.add(each);
  }

  remove({ index, unknown }: Choice<unknown>): void {
    this.#done[index] = 0;
    this.#low = Math.min(this.#low, index);
    for (const each of unknown) this.#unknown.delete(each);
  }

  /** Everything below `low` is in it, so that only the few above have to be named. */
  key(): string {
    let key = String(this.#low);
    for (let index = this.#low + 1; index <= this.#highest; index += 1) if (this.#done[index] === 1) key += `,${String(index)}`;
    return `${key}|${[...this.#unknown].sort((a, b) => a - b).join(',')}`;
  }
}

interface Answered<Action> {
  readonly action: Action;
  readonly start: number;
  readonly end: number;
}

/**
 * @param history in any order
 * @param limit   give up (throws Undecided) after so many prefixes, or ten times as many tries of an operation of unknown outcome
 */
export function checkLinearizable<State, Action>(
  history: readonly Operation<Action>[], model: Model<State, Action>, limit = 2_000_000,
): Verdict {
  const byStart = [...history].sort((a, b) => a.start - b.start);
  const answered = byStart.flatMap(({ action, start, end }): Answered<Action>[] => (end === null ? [] : [{ action, start, end }]));
  const unknowns = byStart.filter(({ end }) => end === null);
  const kinds = groupAlike(unknowns, model);
  const prefix = new Prefix(answered.length);
  let tried = 0;

  /** Ways to take `action` next, with operations of unknown outcome before it or without; `before` is taken already in `state`. */
  function* ways(state: State, action: Action, deadline: number, before: readonly number[]): Generator<{ state: State; unknown: readonly number[] }> {
    for (const next of model.step(state, action)) yield { state: next, unknown: before };
    if (before.length >= longestChain) return;
    for (const { action: unknown, members, leadsOn } of kinds) {
      // noticed by what comes next: this action, or a later link of the chain that leads to it
      if (!leadsOn && !model.notices(action, unknown)) continue;
      tried += 1;
      if (tried > limit * 10) throw new Undecided(`undecided after ${String(tried)} ways through a history of ${String(history.length)} operations`);
      const free = members.find(({ index }) => !prefix.hasUnknown(index) && !before.includes(index));
      if (free === undefined || free.start > deadline) continue;
      for (const next of model.step(state, unknown)) {
        if (model.key(next) !== model.key(state)) yield* ways(next, action, deadline, [...before, free.index]);
      }
    }
  }

  /** Operations that can come next: none that has not been taken ended before they began. Those that ended first come first. */
  const choicesFrom = (state: State): Choice<State>[] => {
    const candidates: number[] = [];
    let firstEnd = Infinity;
    for (let index = prefix.low; index < answered.length; index += 1) {
      if (prefix.has(index)) continue;
      const { start, end } = answered[index]!;
      if (start > firstEnd) break;
      candidates.push(index);
      firstEnd = Math.min(firstEnd, end);
    }
    candidates.sort((a, b) => answered[a]!.end - answered[b]!.end);
    return candidates.flatMap((index) => [...ways(state, answered[index]!.action, firstEnd, [])].map((way) => ({ index, ...way })));
  };

  const seen = new Set<string>();
  let open = answered.length;
  const stack: Frame<State>[] = [{ choices: open > 0 ? choicesFrom(model.initial) : [], next: 0, taken: undefined }];
  while (open > 0) {
    const frame = stack[stack.length - 1];
    if (frame === undefined) return { linearizable: false, visited: seen.size };
    const choice = frame.choices[frame.next];
    if (choice === undefined) {
      stack.pop();
      if (frame.taken !== undefined) {
        prefix.remove(frame.taken);
        open += 1;
      }
      continue;
    }
    frame.next += 1;
    prefix.add(choice);
    const key = `${prefix.key()}|${model.key(choice.state)}`;
    if (seen.has(key)) {
      prefix.remove(choice);
      continue;
    }
    seen.add(key);
    if (seen.size > limit) throw new Undecided(`undecided after ${String(limit)} prefixes of a history of ${String(history.length)} operations`);
    open -= 1;
    stack.push({ choices: open > 0 ? choicesFrom(choice.state) : [], next: 0, taken: choice });
  }
  return { linearizable: true, visited: seen.size };
}
