import { checkLinearizable, Undecided, type Model, type Operation } from './linearizability.ts';
import { pathsOf, type Action, type Entry } from './history.ts';

/** What stands at each path of a group; null: nothing. */
type Contents = readonly (string | null)[];

/** Stands for every value that nobody ever read: nobody can tell them apart. */
const unread = '?';

/**
 * Paths as registers. Without moves and copies each path is independent of the others; these tie two paths together, since
 * what it carries is known only from the state.
 */
class Registers implements Model<Contents, Action> {
  readonly initial: Contents;
  readonly #index: ReadonlyMap<string, number>;
  readonly #read: ReadonlySet<string | null>;
  readonly #writtenOnce: ReadonlySet<string>;

  constructor(paths: readonly string[], history: readonly Operation<Action>[]) {
    this.#read = new Set(history.flatMap(({ action }) => (action.kind === 'read' ? [action.value] : [])));
    const written = Map.groupBy(history.flatMap(({ action }) => (action.kind === 'put' ? [action.value] : [])), (value) => value);
    this.#writtenOnce = new Set([...written].filter(([, times]) => times.length === 1).map(([value]) => value));
    this.initial = paths.map(() => null);
    this.#index = new Map(paths.map((path, index) => [path, index]));
  }

  #at(path: string): number {
    const index = this.#index.get(path);
    if (index === undefined) throw new Error(`${path} is not in this group`);
    return index;
  }

  #name(value: string): string {
    return this.#read.has(value) ? value : unread;
  }

  step(state: Contents, action: Action): Contents | undefined {
    const at = this.#at(action.path);
    const present = state[at] ?? null;
    switch (action.kind) {
      case 'put': return state.with(at, this.#name(action.value));
      case 'read': return present === action.value ? state : undefined;
      case 'delete': {
        if (action.existed !== undefined && action.existed !== (present !== null)) return undefined;
        return state.with(at, null);
      }
      case 'move': {
        if (action.moved !== undefined && action.moved !== (present !== null)) return undefined;
        return present === null ? state : state.with(at, null).with(this.#at(action.to), present);
      }
      case 'copy': {
        if (action.copied !== undefined && action.copied !== (present !== null)) return undefined;
        return present === null ? state : state.with(this.#at(action.to), present);
      }
      case 'list': return (present !== null) === action.listed ? state : undefined;
    }
  }

  looks(action: Action): boolean {
    switch (action.kind) {
      case 'read':
      case 'list': return true;
      case 'put': return false;
      case 'delete': return action.existed === false;
      case 'move': return action.moved === false;
      case 'copy': return action.copied === false;
    }
  }

  demands(look: Action): string | undefined {
    return look.kind === 'read' && look.value !== null && this.#writtenOnce.has(look.value) ? look.value : undefined;
  }

  valuesIn(state: Contents): Contents {
    return state;
  }

  blur(state: Contents, value: string): Contents {
    return state.includes(value) ? state.map((each) => (each === value ? unread : each)) : state;
  }

  notices(next: Action, unknown: Action): boolean {
    // what it carries is what stands there at that moment: both of its paths matter
    if (unknown.kind === 'move' || unknown.kind === 'copy') return pathsOf(next).some((path) => path === unknown.path || path === unknown.to);
    // what is overwritten at once was never seen; and a value is seen only by who reads it, or carries it on
    if (next.path !== unknown.path || next.kind === 'put') return false;
    const present = unknown.kind === 'put';
    switch (next.kind) {
      case 'read': return next.value === (unknown.kind === 'put' ? unknown.value : null);
      case 'delete': return next.existed === present;
      case 'move': return next.moved === undefined || next.moved === present;
      case 'copy': return next.copied === undefined || next.copied === present;
      case 'list': return next.listed === present;
    }
  }

  key(state: Contents): string {
    return JSON.stringify(state);
  }

  kindOf(unknown: Action): string {
    const detail = unknown.kind === 'put' ? this.#name(unknown.value) : unknown.kind === 'move' || unknown.kind === 'copy' ? unknown.to : '';
    return JSON.stringify([unknown.kind, unknown.path, detail]);
  }
}

/** Paths that moves tie together. */
export function groupsOf(history: readonly Entry[]): string[][] {
  const group = new Map<string, Set<string>>();
  for (const { action } of history) {
    const merged = new Set<string>();
    for (const path of pathsOf(action)) for (const each of group.get(path) ?? [path]) merged.add(each);
    for (const each of merged) group.set(each, merged);
  }
  return [...new Set(group.values())].map((paths) => [...paths].sort());
}

export interface GroupVerdict {
  readonly paths: readonly string[];
  readonly entries: readonly Entry[];
  readonly linearizable: boolean;
  /** why it could not be told, in words; `linearizable` is false then and says nothing */
  readonly undecided: string | null;
}

/** A read without an answer says nothing at all. */
const says = ({ action, end }: Entry): boolean => end !== null || (action.kind !== 'read' && action.kind !== 'list');

/** @param limit of the work, as `checkLinearizable` counts it */
export function isLinearizable(paths: readonly string[], entries: readonly Entry[], limit?: number): boolean {
  const operations: Operation<Action>[] = entries.filter(says);
  return checkLinearizable(operations, new Registers(paths, operations), limit).linearizable;
}

/**
 * Checks each group of paths by itself: a history is linearizable exactly when every object's part of it is (Herlihy and Wing 1990).
 * A group that needs more work than the limit is undecided.
 */
export function checkHistory(history: readonly Entry[], limit?: number): GroupVerdict[] {
  return groupsOf(history).map((paths) => {
    const own = new Set(paths);
    const entries = history.filter(({ action }) => own.has(action.path));
    try {
      return { paths, entries, linearizable: isLinearizable(paths, entries, limit), undecided: null };
    } catch (error) {
      if (error instanceof Undecided) return { paths, entries, linearizable: false, undecided: error.message };
      throw error;
    }
  });
}
