import { explain } from '../counterexample.ts';
import { pathsOf } from '../history.ts';
import { Random } from '../random.ts';
import { checkHistory, type GroupVerdict } from '../registers.ts';
import { WrongAnswer } from '../requests.ts';
import { mixed, Workload } from '../workload.ts';
import { pause } from '../../harness/wait-for.ts';
import { faultKinds } from './fault-kinds.ts';
import { Publishers } from './publishers.ts';
import type { Room } from './room.ts';
import { BudgetWatch, wrongByRecord, wrongInFilestore } from './watches.ts';

export interface RoundReport {
  readonly seed: number;
  /** in words; empty when all is well */
  readonly wrong: readonly string[];
  /** histories that could not be decided, in words: neither well nor wrong */
  readonly undecided: readonly string[];
  readonly operations: number;
  readonly unknown: number;
  readonly published: number;
  /** when each began and was over, milliseconds, and what it was */
  readonly faults: readonly string[];
  readonly mostSessions: number;
}

/** What a node may take to be well again when nothing is broken any more. */
const recoveryMs = 90_000;
const weights = { put: 5, read: 14, delete: 1, move: 0.5, copy: 0.5, list: 2 };

/** Without what would strike at the same thing twice at once. */
function apart(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.filter((name) => {
    const where = faultKinds[name]?.shared ?? name;
    const free = !taken.has(where);
    taken.add(where);
    return free;
  });
}

/** One or two faults at a time, again and again, until the clients are done; each at a node of its own. */
async function inflict(room: Room, workload: Workload, random: Random, kinds: readonly string[], faults: string[]): Promise<void> {
  const over = (): boolean => workload.isOver;
  while (!over()) {
    await pause(300 + random.below(1500));
    if (over()) return;
    const names = [random.pick(kinds), ...(random.next() < 0.4 ? [random.pick(kinds)] : [])].filter((name) => name !== undefined);
    const nodes = [...room.cluster.nodes].sort((a, b) => a.nodeId.localeCompare(b.nodeId));
    const chosen = apart(names).map((name) => ({ name, node: nodes.splice(random.below(nodes.length), 1)[0]!, branch: random.branch(1), wait: random.next() }));
    await Promise.all(chosen.map(async ({ name, node, branch, wait }) => {
      const kind = faultKinds[name]!;
      const [least, longest] = kind.lasts;
      const from = workload.history.now();
      const end = await kind.begin(room, node, branch);
      await pause(least + wait * (longest - least));
      await end();
      faults.push(`${from.toFixed(0)} – ${workload.history.now().toFixed(0)} ms  ${name} at ${node.nodeId}`);
    }));
    // every other time the next one finds a cluster that has not recovered
    if (random.next() < 0.5) await room.cluster.untilServing(undefined, { timeoutMs: recoveryMs });
  }
}

/** Clients, faults, then quiet, and everything is looked at. All that is drawn follows from the seed. */
export async function runRound(room: Room, seed: number, kinds: readonly string[], operations: number): Promise<RoundReport> {
  const { cluster } = room;
  const random = new Random(seed);
  const faults: string[] = [];
  const wrong: string[] = [];
  const failed = (error: unknown): void => { wrong.push(error instanceof WrongAnswer ? error.message : error instanceof Error ? error.stack ?? error.message : String(error)); };
  // checking a history keeps this process from passing on what nodes and database tell each other
  await cluster.untilServing(undefined, { timeoutMs: recoveryMs });
  const { database } = await cluster.until('a view of the cluster', () => true, { timeoutMs: recoveryMs });
  const budget = new BudgetWatch(cluster, database.budget);
  const folder = `round-${String(seed)}`;
  const workload = new Workload(cluster, { ...mixed, folder, operations, weights, patienceMs: 4000 }, random.branch(1));
  const publishers = new Publishers(cluster, `chaos-${String(seed)}`, random.branch(3));
  const clients = workload.run().catch(failed).finally(() => { workload.stop(); });
  await inflict(room, workload, random.branch(2), kinds, faults).catch((error: unknown) => {
    failed(error);
    workload.stop();
  });
  await Promise.all([clients, publishers.stop().catch(failed)]);
  try {
    await cluster.untilServing(undefined, { timeoutMs: recoveryMs });
    await workload.readAll();
    wrong.push(...await publishers.verify(), ...await wrongByRecord(cluster), ...await wrongInFilestore(cluster));
  } catch (error) {
    failed(error);
  }
  await budget.stop();
  const { entries } = workload.history;
  const suspicious = checkHistory(entries).filter(({ linearizable }) => !linearizable);
  const told = (which: readonly GroupVerdict[]): string[] => which.map((verdict) => explain(verdict, seed));
  const undecided = told(suspicious.filter((verdict) => verdict.undecided !== null));
  wrong.push(...budget.wrong.slice(0, 3), ...told(suspicious.filter((verdict) => verdict.undecided === null)));
  // the next round needs the room
  await cluster.nodes[0]?.client.delete(`/generic-local/${folder}`).catch(() => undefined);
  await cluster.nodes[0]?.client.post('/api/trash/empty').catch(() => undefined);
  return {
    seed, wrong, undecided, operations: entries.length, unknown: entries.filter(({ end, action }) => end === null && pathsOf(action).length > 0).length,
    published: publishers.acknowledged, faults, mostSessions: budget.most,
  };
}
