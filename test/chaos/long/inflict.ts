import { pause } from '../../harness/wait-for.ts';
import type { Random } from '../random.ts';
import type { Workload } from '../workload.ts';

/** A kind of fault, bound to what it strikes. */
export interface Strike<Node> {
  /** how long it lasts, milliseconds: at least, and at most */
  readonly lasts: readonly [number, number];
  /** strikes all nodes at once, at this: nothing else may strike there at the same time */
  readonly shared?: string;
  /** Begins it; resolves to what ends it. */
  begin(node: Node, random: Random): Promise<() => Promise<void>>;
}

export interface Struck<Node> {
  readonly nodes: readonly Node[];
  readonly strikes: Readonly<Record<string, Strike<Node>>>;
  /** Resolves when all nodes serve again. */
  recovered(): Promise<void>;
}

/** Without what would strike at the same thing twice at once. */
function apart(names: readonly string[], strikes: Struck<unknown>['strikes']): string[] {
  const taken = new Set<string>();
  return names.filter((name) => {
    const where = strikes[name]?.shared ?? name;
    const free = !taken.has(where);
    taken.add(where);
    return free;
  });
}

/** One or two faults at a time, again and again, until the clients are done; each at a node of its own. `faults` is told of each that is over. */
export async function inflict<Node extends { readonly nodeId: string }>({ nodes, strikes, recovered }: Struck<Node>, workload: Workload, random: Random, faults: string[]): Promise<void> {
  const kinds = Object.keys(strikes);
  const over = (): boolean => workload.isOver;
  while (!over()) {
    await pause(300 + random.below(1500));
    if (over()) return;
    const names = [random.pick(kinds), ...(random.next() < 0.4 ? [random.pick(kinds)] : [])].filter((name) => name !== undefined);
    const left = [...nodes].sort((a, b) => a.nodeId.localeCompare(b.nodeId));
    const chosen = apart(names, strikes).map((name) => ({ name, node: left.splice(random.below(left.length), 1)[0]!, branch: random.branch(1), wait: random.next() }));
    // a fault that has begun is ended, whatever becomes of the other one
    const ended = await Promise.allSettled(chosen.map(async ({ name, node, branch, wait }) => {
      const strike = strikes[name]!;
      const [least, longest] = strike.lasts;
      const from = workload.history.now();
      const end = await strike.begin(node, branch);
      await pause(least + wait * (longest - least));
      await end();
      faults.push(`${from.toFixed(0)} – ${workload.history.now().toFixed(0)} ms  ${name} at ${node.nodeId}`);
    }));
    for (const each of ended) if (each.status === 'rejected') throw each.reason;
    // every other time the next one finds a cluster that has not recovered
    if (random.next() < 0.5) await recovered();
  }
}
