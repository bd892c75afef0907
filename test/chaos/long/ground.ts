import { labFaultNames, labFaults } from '../lab/lab-faults.ts';
import { openLabRoom } from '../lab/lab-room.ts';
import type { Random } from '../random.ts';
import { faultKinds } from './fault-kinds.ts';
import type { Strike, Struck } from './inflict.ts';
import { openRoom } from './room.ts';
import { targetOf, type ChaosTarget } from './target.ts';

interface Named { readonly nodeId: string }

/** Where rounds are played: a cluster, and what can happen to it. */
export interface Ground extends AsyncDisposable {
  readonly target: ChaosTarget;
  readonly struck: Pick<Struck<Named>, 'nodes' | 'strikes'>;
  /** the ends of the nodes' logs */
  lastWords(): Promise<string[]>;
}

const lastLines = 15;

/** Processes on this machine. Says which of the wanted kinds are not to be had here. */
export async function onThisMachine(wanted: readonly string[] | null, say: (line: string) => void): Promise<Ground> {
  const room = await openRoom(wanted === null || wanted.some((name) => name.startsWith('node-')));
  const { cluster } = room;
  const kinds = (wanted ?? Object.keys(faultKinds)).filter((name) => {
    const missing = faultKinds[name]?.missing?.(room) ?? null;
    if (missing !== null) say(`without ${name}: ${missing}`);
    return missing === null;
  });
  const bound = (name: string): Strike<Named> => {
    const kind = faultKinds[name]!;
    return { ...kind, begin: (node: Named, random: Random) => kind.begin(room, cluster.node(node.nodeId), random) };
  };
  return {
    target: targetOf(cluster),
    struck: { nodes: cluster.nodes, strikes: Object.fromEntries(kinds.map((name) => [name, bound(name)])) },
    lastWords: () => Promise.all(cluster.nodes.map(async (node) => `${node.nodeId}:\n${(await node.log()).split('\n').slice(-lastLines).join('\n')}`)),
    [Symbol.asyncDispose]: () => room[Symbol.asyncDispose](),
  };
}

/** Hosts of the lab. */
export async function inTheLab(wanted: readonly string[] | null): Promise<Ground> {
  const room = await openLabRoom();
  const { lab, names } = room.nodes;
  const all = labFaults(room.nodes);
  return {
    target: room.target,
    struck: { nodes: names.map((nodeId) => ({ nodeId })), strikes: Object.fromEntries((wanted ?? labFaultNames).map((name) => [name, all[name]!])) },
    lastWords: () => Promise.all(names.map(async (name) =>
      `${name}:\n${await lab.host(name).run('journalctl', '--namespace=+bulkhead', '--no-pager', '--output=cat', '--unit=bulkhead-node.service', `--lines=${String(lastLines)}`).catch(String)}`)),
    [Symbol.asyncDispose]: () => room[Symbol.asyncDispose](),
  };
}
