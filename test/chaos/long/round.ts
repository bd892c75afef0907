import { explain } from '../counterexample.ts';
import { pathsOf } from '../history.ts';
import { Random } from '../random.ts';
import { checkHistory, type GroupVerdict } from '../registers.ts';
import { WrongAnswer } from '../requests.ts';
import { mixed, Workload } from '../workload.ts';
import { inflict, type Strike } from './inflict.ts';
import { Publishers } from './publishers.ts';
import type { ChaosTarget } from './target.ts';
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

const weights = { put: 5, read: 14, delete: 1, move: 0.5, copy: 0.5, list: 2 };

/** Clients, faults, then quiet, and everything is looked at. All that is drawn follows from the seed. */
export async function runRound<Node extends { readonly nodeId: string }>(
  target: ChaosTarget, { nodes, strikes }: { readonly nodes: readonly Node[]; readonly strikes: Readonly<Record<string, Strike<Node>>> }, seed: number, operations: number,
): Promise<RoundReport> {
  const random = new Random(seed);
  const faults: string[] = [];
  const wrong: string[] = [];
  const failed = (error: unknown): void => { wrong.push(error instanceof WrongAnswer ? error.message : error instanceof Error ? error.stack ?? error.message : String(error)); };
  // checking a history keeps this process from passing on what nodes and database tell each other
  await target.untilServing();
  const budget = new BudgetWatch(target, await target.budget());
  const folder = `round-${String(seed)}`;
  const { balancer } = target;
  const options = { ...mixed, folder, operations, weights, patienceMs: 4000, ...(balancer === null ? { throughBalancer: 0 } : {}) };
  const workload = new Workload({ nodes: target.nodes, balancer }, options, random.branch(1));
  const publishers = new Publishers(target, `chaos-${String(seed)}`, random.branch(3));
  const clients = workload.run().catch(failed).finally(() => { workload.stop(); });
  await inflict({ nodes, strikes, recovered: () => target.untilServing() }, workload, random.branch(2), faults).catch((error: unknown) => {
    failed(error);
    workload.stop();
  });
  await Promise.all([clients, publishers.stop().catch(failed)]);
  try {
    await target.untilServing();
    await workload.readAll();
    wrong.push(...await publishers.verify(), ...await wrongByRecord(target), ...await wrongInFilestore(target));
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
  await target.nodes[0]?.client.delete(`/generic-local/${folder}`).catch(() => undefined);
  await target.nodes[0]?.client.post('/api/trash/empty').catch(() => undefined);
  return {
    seed, wrong, undecided, operations: entries.length, unknown: entries.filter(({ end, action }) => end === null && pathsOf(action).length > 0).length,
    published: publishers.acknowledged, faults, mostSessions: budget.most,
  };
}
