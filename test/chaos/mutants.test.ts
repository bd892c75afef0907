import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestCluster } from '../harness/cluster.ts';
import { LinkProxy } from '../harness/link-proxy.ts';
import { pause } from '../harness/wait-for.ts';
import { contradictions, runChaos, startChaosCluster } from './run.ts';
import { Random, seedOfRun } from './random.ts';
import { WrongAnswer } from './requests.ts';
import { mixed, type WorkloadOptions } from './workload.ts';

/**
 * Each rule of the coherence protocol is taken out once, under conditions in which all of them together hold: then the
 * checker has to see it. A checker, or a workload, that is blind to a rule proves nothing about it.
 */
interface Conditions {
  /** links between nodes swallow everything now and then, for so many milliseconds */
  readonly silenceMs?: number;
  /** random pauses inside the nodes, as the test switch of the cluster takes them */
  readonly pauses?: string;
}

const rules: Readonly<Record<string, Conditions>> = {
  prepare: {},
  barrier: {},
  'fill-discard': { pauses: 'filled=40' },
  revocation: { silenceMs: 900 },
};

const small: WorkloadOptions = {
  ...mixed, clients: 12, operations: 1200, paths: 6, movable: 2, throughBalancer: 0, weights: { put: 4, read: 16, delete: 0.3, move: 0.3 },
};

let cluster: TestCluster;
let links: LinkProxy[];
beforeAll(async () => {
  links = [];
  // nodes know each other by their proxies; clients go straight to the nodes
  const advertise = async (_: string, port: number): Promise<string> => {
    const link = await LinkProxy.to(port);
    links.push(link);
    return link.url;
  };
  cluster = await startChaosCluster({ balancer: false, start: false, advertise });
});
afterAll(async () => {
  await cluster.stop();
  await Promise.all(links.map((link) => link.close()));
});

async function startNodes(env: Readonly<Record<string, string>>): Promise<void> {
  await Promise.all(cluster.nodes.map((node) => node.kill()));
  await Promise.all(cluster.nodes.map((node) => node.start({ env: { NODE_ENV: 'test', ...env } })));
  await cluster.untilServing();
}

/** Silences the links again and again until `over`. */
async function silence(ms: number, over: Promise<unknown>): Promise<void> {
  const clients = { running: true };
  const end = over.then(() => { clients.running = false; }, () => { clients.running = false; });
  while (clients.running) {
    await pause(300);
    for (const link of links) link.hold();
    await pause(ms);
    for (const link of links) link.resume();
    await cluster.untilServing();
  }
  await end;
}

/** What the checker has to say about one run under `conditions`. */
async function verdict(folder: string, conditions: Conditions, operations: number, seed: number): Promise<string[]> {
  const run = runChaos(cluster, { ...small, folder, operations }, undefined, seed);
  const disturbed = conditions.silenceMs === undefined ? undefined : silence(conditions.silenceMs, run);
  const [answer] = await Promise.allSettled([run, disturbed]);
  if (answer.status === 'fulfilled') return contradictions(answer.value);
  if (answer.reason instanceof WrongAnswer) return [answer.reason.message];
  throw answer.reason;
}

describe.each(Object.entries(rules))('%s', (rule, conditions) => {
  const pauses = conditions.pauses === undefined ? {} : { BULKHEAD_TEST_PAUSES: conditions.pauses };
  const seed = new Random(seedOfRun());

  test('with the rule: linearizable', async () => {
    await startNodes(pauses);
    expect(await verdict(`with-${rule}`, conditions, 1200, seed.below(2 ** 32))).toEqual([]);
  });

  test('without it: the checker fails', async () => {
    await startNodes({ ...pauses, BULKHEAD_TEST_FAULTS: rule });
    let found: string[] = [];
    for (let round = 1; round <= 30 && found.length === 0; round += 1) {
      found = await verdict(`without-${rule}-${String(round)}`, conditions, 1200, seed.below(2 ** 32));
    }
    expect(found.join('\n')).toMatch(/not linearizable/);
  });
});
