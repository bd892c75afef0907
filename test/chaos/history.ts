/** What a client asked for, and what it learned from the answer. */
export type Action =
  | { readonly kind: 'put'; readonly path: string; readonly value: string }
  /** `value` null: there was nothing */
  | { readonly kind: 'read'; readonly path: string; readonly value: string | null }
  /** `existed` undefined: unknown, the answer never came */
  | { readonly kind: 'delete'; readonly path: string; readonly existed?: boolean }
  /** `moved` false: there was nothing at `path` */
  | { readonly kind: 'move'; readonly path: string; readonly to: string; readonly moved?: boolean }
  /** `copied` false: there was nothing at `path` */
  | { readonly kind: 'copy'; readonly path: string; readonly to: string; readonly copied?: boolean }
  /** a list of the folder named the path, or did not */
  | { readonly kind: 'list'; readonly path: string; readonly listed: boolean };

export interface Entry {
  readonly action: Action;
  /** milliseconds since the beginning of the run */
  readonly start: number;
  /** null: the outcome is unknown */
  readonly end: number | null;
  readonly client: number;
  /** where the request was sent: a nodeId or "balancer" */
  readonly via: string;
  /** what came back, for people */
  readonly answer: string;
}

/** Takes down what many clients do, with the clock of this process. */
export class History {
  readonly #origin = performance.now();
  readonly #entries: Entry[] = [];

  now(): number {
    return performance.now() - this.#origin;
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
  }

  /** by start */
  get entries(): readonly Entry[] {
    return [...this.#entries].sort((a, b) => a.start - b.start);
  }

  get size(): number {
    return this.#entries.length;
  }
}

export function pathsOf(action: Action): readonly string[] {
  return action.kind === 'move' || action.kind === 'copy' ? [action.path, action.to] : [action.path];
}

function phrase(action: Action): string {
  switch (action.kind) {
    case 'put': return `PUT ${action.path} ← ${action.value}`;
    case 'read': return `GET ${action.path} → ${action.value ?? 'nothing'}`;
    case 'delete': return `DELETE ${action.path}`;
    case 'move': return `MOVE ${action.path} → ${action.to}`;
    case 'copy': return `COPY ${action.path} → ${action.to}`;
    case 'list': return `LIST ${action.path}: ${action.listed ? 'there' : 'not there'}`;
  }
}

/** One line a person can read. */
export function describe({ action, start, end, client, via, answer }: Entry): string {
  const span = `${start.toFixed(1).padStart(9)} – ${(end === null ? '?' : end.toFixed(1)).padStart(9)} ms`;
  return `${span}  client ${String(client).padStart(2)} via ${via.padEnd(8)}  ${phrase(action)}  [${answer}]`;
}
