import { load, type Load } from '../load/index.ts';
import { spreadOf } from '../framework/statistics.ts';
import { number } from '../report/table.ts';
import { startBareNode } from '../peers/bare-node.ts';
import { startDockerRegistry } from '../peers/docker-registry.ts';
import { startNginx } from '../peers/nginx.ts';
import { startOurs, type Ours } from '../peers/ours.ts';
import type { Asked } from '../load/index.ts';
import { idleShares } from '../framework/meter.ts';
import { against, alternate } from '../framework/rounds.ts';
import type { Figure, Pace, Target } from '../framework/row.ts';

export type Ask = Omit<Asked, 'seconds' | 'connections'>;

/** A file in a generic repository of ours, and how the user asks for it. */
export async function deployed(ours: Ours, path: string, content: Buffer): Promise<Ask> {
  await ours.repository('bench-generic', 'generic');
  const answer = await ours.client.put(`/bench-generic/${path}`, content);
  if (answer.status !== 201) throw new Error(`our node did not take ${path}: ${answer.text()}`);
  return { url: `${ours.url}/bench-generic/${path}`, headers: ours.headers, pid: ours.pid };
}

/** Servers compile what is hot: a subject is warm after so many requests, or so much time, whichever comes first. */
const warmRequests = 20_000;
const warmMs = 20_000;

/** Loads each subject in turn with 32 connections. */
export async function slices<Name extends string>(subjects: Readonly<Record<Name, Ask>>, { rounds, seconds }: Pace): Promise<Record<Name, Load[]>> {
  const names = Object.keys(subjects) as Name[];
  for (const name of names) {
    const until = performance.now() + warmMs;
    for (let done = 0; done < warmRequests && performance.now() < until;) done += (await load({ ...subjects[name], connections: 32, seconds })).perSecond * seconds;
  }
  const slice = (name: Name) => (): Promise<Load> => load({ ...subjects[name], connections: 32, seconds });
  const measured = Object.fromEntries(names.map((name) => [name, slice(name)])) as Record<Name, () => Promise<Load>>;
  const pids = Object.fromEntries(names.map((name) => [name, subjects[name].pid])) as Record<Name, number>;
  return withoutIdle(pids, () => alternate(measured, rounds, { warmUp: false }));
}

/**
 * Takes off the processor time of requests what their server uses when nobody asks: on a machine that is busy with something else, where few
 * requests are answered in a second, it would be most of what is seen.
 */
export async function withoutIdle<Name extends string>(pids: Readonly<Record<Name, number>>, measure: () => Promise<Record<Name, Load[]>>): Promise<Record<Name, Load[]>> {
  const idle = await idleShares(pids);
  const seen = await measure();
  return Object.fromEntries((Object.keys(seen) as Name[]).map((name) => [
    name, seen[name].map((each) => ({ ...each, cpuMicros: Math.max(1, each.cpuMicros - idle[name] / each.perSecond * 1e6) })),
  ])) as Record<Name, Load[]>;
}

/** The same bytes from our node, nginx, docker-registry, and node:http that does nothing else. */
export async function hotFile(content: Buffer, pace: Pace): Promise<Record<'ours' | 'nginx' | 'docker-registry' | 'node:http', Load[]>> {
  await using ours = await startOurs();
  await using nginx = await startNginx();
  await using registry = await startDockerRegistry();
  await using bare = await startBareNode(content.length);
  await nginx.put('file.bin', content);
  // not without waiting: the servers end with this function
  return await slices({
    ours: await deployed(ours, 'file.bin', content),
    nginx: { url: `${nginx.url}/file.bin`, pid: nginx.pid },
    'docker-registry': { url: `${registry.url}${await registry.push(content)}`, pid: registry.pid },
    'node:http': bare,
  }, pace);
}

/** A figure of load: requests a second against a peer's, and (without a target of its own) what a second of processor time is good for. */
export function rateFigures(what: string, ours: readonly Load[], peer: string, theirs: readonly Load[], target: Target | null): Figure[] {
  const rate = (loads: readonly Load[]): number[] => loads.map(({ perSecond }) => perSecond);
  const worth = (loads: readonly Load[]): number[] => loads.map(({ cpuMicros }) => 1e6 / cpuMicros);
  return [
    against(`requests/s against ${peer}, ${what}`, '/s', rate(ours), peer, rate(theirs), target),
    against(`requests for a second of processor time against ${peer}`, '/cpu s', worth(ours), peer, worth(theirs), null),
  ];
}

/** What a reader should know of slices: processor time for each request, and whether the generator was the limit. */
export function noteOf(subjects: Readonly<Record<string, readonly Load[]>>): string {
  const told = Object.entries(subjects).map(([name, loads]) => {
    const median = (of: (load: Load) => number): string => number(spreadOf(loads.map(of)).median);
    return `${name} ${median((each) => each.cpuMicros)} µs, ${median((each) => each.p99Ms)} ms, ${median((each) => each.generatorCore * 100)} %`;
  });
  return `Processor time for a request (without what the server uses when nobody asks), p99, and how much of its core the generator used: ${told.join('; ')}.`;
}
