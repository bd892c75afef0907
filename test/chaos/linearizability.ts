/**
 * Decides whether a history is linearizable: whether every operation can be given one moment between its start and its
 * end such that, in the order of these moments, each does what the model says.
 *
 * Goes from answer to answer and keeps every situation the objects can be in at that moment (just-in-time linearization, after
 * Wing and Gong 1993 and Lowe 2017): an operation takes effect no earlier than something asks for it, that is when it is answered
 * itself, or right before another one that is. What keeps the situations few:
 * - of two that are alike, the one that has used up less is enough (`Frontier`);
 * - an operation that changes nothing takes effect as soon as it fits: that costs nothing;
 * - a value that somebody will still read, and nobody will write again, may not be overwritten: a read names its write;
 * - one order is enough: the likeliest situations are followed first, and all of them only when that has not led to one.
 *
 * An operation without an end has an unknown outcome: it may take effect at any time after its start, or never. It is tried only
 * before an operation that could notice it: earlier is the same, and without one it is as if it never happened.
 */
import { Frontier, type Situation } from './frontier.ts';

export interface Operation<Action> {
  readonly action: Action;
  /** monotonic, any unit */
  readonly start: number;
  /** null: the answer never came */
  readonly end: number | null;
}

export interface Model<State, Action> {
  readonly initial: State;
  /** What the action leads to from `state`; undefined when it could not have had its result there. */
  step(state: State, action: Action): State | undefined;
  /** It never changes anything, whatever the state. */
  looks(action: Action): boolean;
  /** Whether `next` could notice that `unknown` took effect right before it. Always true is right, and slow. */
  notices(next: Action, unknown: Action): boolean;
  /** equal for equal states, different for others */
  key(state: State): string;
  /** Equal for actions of unknown outcome that nobody can tell apart, whatever the state: of these only the earliest is tried. */
  kindOf(unknown: Action): string;
  /** The value that has to be there for a look, if it was written no more than once in the whole history. */
  demands(look: Action): string | undefined;
  /** every value that is there */
  valuesIn(state: State): readonly (string | null)[];
  /** The same state for people who will not ask for `value` any more: it need not be told from others that nobody asks for. */
  blur(state: State, value: string): State;
}

export interface Verdict {
  readonly linearizable: boolean;
  /** how many situations were looked at; a measure of the work */
  readonly visited: number;
}

/** The search was given up before it found an order or had tried them all. */
export class Undecided extends Error {
  override readonly name = 'Undecided';
}

interface Answered<Action> {
  readonly action: Action;
  readonly start: number;
  readonly end: number;
  readonly demands: string | undefined;
  /** its bit in a situation while it is under way */
  bit: bigint;
}

/** Operations of unknown outcome that do the same, by start. Each can stand for every later one. */
interface Alike<Action> {
  readonly action: Action;
  readonly starts: readonly number[];
  /** another one of unknown outcome could notice it */
  readonly leadsOn: boolean;
}

class Search<State, Action> {
  readonly #model: Model<State, Action>;
  readonly #answered: readonly Answered<Action>[];
  readonly #byStart: readonly Answered<Action>[];
  readonly #kinds: readonly Alike<Action>[];
  /** looks that demand a value and have not been answered, by value */
  readonly #demanded = new Map<string, Set<Answered<Action>>>();
  readonly #limit: number;
  readonly #length: number;
  #started = 0;
  #freeBits: bigint[] = [];
  #usedBits = 0n;
  #looks: Answered<Action>[] = [];
  #changes: Answered<Action>[] = [];
  visited = 0;
  /** Situations were left out: that none is left then shows nothing. */
  narrowed = false;

  constructor(history: readonly Operation<Action>[], model: Model<State, Action>, limit: number) {
    this.#model = model;
    this.#limit = limit;
    this.#length = history.length;
    this.#byStart = history
      .flatMap(({ action, start, end }): Answered<Action>[] => (end === null ? [] : [{ action, start, end, demands: model.looks(action) ? model.demands(action) : undefined, bit: 0n }]))
      .sort((a, b) => a.start - b.start);
    this.#answered = this.#byStart.toSorted((a, b) => a.end - b.end);
    for (const look of this.#answered) if (look.demands !== undefined) this.#demandedOf(look.demands).add(look);
    const unknowns = history.filter(({ end, action }) => end === null && !model.looks(action)).toSorted((a, b) => a.start - b.start);
    this.#kinds = [...Map.groupBy(unknowns, ({ action }) => model.kindOf(action)).values()].map((members) => {
      const action = members[0]!.action;
      return { action, starts: members.map(({ start }) => start), leadsOn: unknowns.some((later) => model.notices(later.action, action)) };
    });
  }

  #demandedOf(value: string): Set<Answered<Action>> {
    const found = this.#demanded.get(value) ?? new Set();
    this.#demanded.set(value, found);
    return found;
  }

  /** @param width follow no more situations than this from one answer to the next */
  run(width: number): boolean {
    let frontier = new Frontier<State>((state) => this.#model.key(state));
    frontier.add({ state: this.#model.initial, changed: 0n, looked: 0n, used: this.#kinds.map(() => 0) });
    for (const next of this.#answered) {
      this.#admit(next.end);
      frontier = this.#answer(next, frontier);
      if (frontier.isEmpty) return false;
      this.narrowed = frontier.narrow(width) || this.narrowed;
      this.#release(next);
      if (next.demands === undefined) continue;
      const open = this.#demandedOf(next.demands);
      open.delete(next);
      if (open.size === 0) frontier = frontier.map((state) => this.#model.blur(state, next.demands!));
    }
    return true;
  }

  /** What began until now is under way. */
  #admit(now: number): void {
    for (let next = this.#byStart[this.#started]; next !== undefined && next.start <= now; next = this.#byStart[this.#started]) {
      this.#started += 1;
      next.bit = this.#freeBits.pop() ?? 1n << this.#usedBits++;
      (this.#model.looks(next.action) ? this.#looks : this.#changes).push(next);
    }
  }

  #release(answered: Answered<Action>): void {
    this.#freeBits.push(answered.bit);
    this.#looks = this.#looks.filter((each) => each !== answered);
    this.#changes = this.#changes.filter((each) => each !== answered);
  }

  /** Every situation after `next` has been answered, from those before. */
  #answer(next: Answered<Action>, before: Frontier<State>): Frontier<State> {
    const after = new Frontier<State>((state) => this.#model.key(state));
    const seen = new Frontier<State>((state) => this.#model.key(state));
    const open = [...before.situations()];
    const isLook = this.#model.looks(next.action);
    for (let situation = open.pop(); situation !== undefined; situation = open.pop()) {
      situation = this.#lookedAt(situation);
      const { changed, looked } = situation;
      if (((isLook ? looked : changed) & next.bit) !== 0n) {
        after.add({ ...situation, changed: changed & ~next.bit, looked: looked & ~next.bit });
        continue;
      }
      if (!seen.add(situation)) continue;
      this.visited += 1;
      if (this.visited > this.#limit) throw new Undecided(`undecided after ${String(this.#limit)} situations of a history of ${String(this.#length)} operations`);
      if (!isLook) {
        const done = this.#change(situation, next.action);
        if (done !== undefined) after.add(this.#lookedAt(done));
      }
      for (const other of this.#changes) {
        if (other === next || (changed & other.bit) !== 0n) continue;
        const done = this.#change(situation, other.action);
        if (done !== undefined) open.push({ ...done, changed: changed | other.bit });
      }
      open.push(...this.#unknown(situation, next));
    }
    return after;
  }

  /** What an operation of unknown outcome could have made of it before `next` is answered. */
  *#unknown(situation: Situation<State>, next: Answered<Action>): Generator<Situation<State>> {
    for (const [index, { action, starts, leadsOn }] of this.#kinds.entries()) {
      const count = situation.used[index]!;
      if (count >= starts.length || starts[count]! > next.end || !(leadsOn || this.#isNoticed(action, situation))) continue;
      const done = this.#change(situation, action);
      if (done !== undefined && this.#model.key(done.state) !== this.#model.key(situation.state)) yield { ...done, used: situation.used.with(index, count + 1) };
    }
  }

  /** By something that is under way, the one that is answered among them. */
  #isNoticed(unknown: Action, { changed, looked }: Situation<State>): boolean {
    return this.#looks.some(({ action, bit }) => (looked & bit) === 0n && this.#model.notices(action, unknown))
      || this.#changes.some(({ action, bit }) => (changed & bit) === 0n && this.#model.notices(action, unknown));
  }

  #change(situation: Situation<State>, action: Action): Situation<State> | undefined {
    const state = this.#model.step(situation.state, action);
    if (state === undefined) return undefined;
    const kept = this.#model.valuesIn(state);
    const loses = this.#model.valuesIn(situation.state).some((value) => value !== null && !kept.includes(value) && this.#isAskedFor(value, situation));
    return loses ? undefined : { ...situation, state };
  }

  /** Somebody has yet to see a value that will not come back once it is gone. */
  #isAskedFor(value: string, { looked }: Situation<State>): boolean {
    for (const { bit } of this.#demanded.get(value) ?? []) if (bit === 0n || (looked & bit) === 0n) return true;
    return false;
  }

  /** With all that is under way, changes nothing, and fits. */
  #lookedAt(situation: Situation<State>): Situation<State> {
    let { looked } = situation;
    for (const { action, bit } of this.#looks) if ((looked & bit) === 0n && this.#model.step(situation.state, action) !== undefined) looked |= bit;
    return looked === situation.looked ? situation : { ...situation, looked };
  }
}

/** Situations that are followed at first, then when these lead nowhere, then all. */
const widths = [16, 256, Infinity];

/**
 * @param history in any order
 * @param limit   give up (throws Undecided) after so many situations
 */
export function checkLinearizable<State, Action>(history: readonly Operation<Action>[], model: Model<State, Action>, limit = 5_000_000): Verdict {
  let visited = 0;
  for (const width of widths) {
    const search = new Search(history, model, limit - visited);
    const linearizable = search.run(width);
    visited += search.visited;
    if (linearizable || !search.narrowed) return { linearizable, visited };
  }
  return { linearizable: false, visited };
}
