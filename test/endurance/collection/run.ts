import { Random } from '../../chaos/random.ts';
import { startCluster, type TestCluster } from '../../harness/cluster.ts';
import { logDigest } from '../log-digest.ts';
import type { Outcome } from '../outcome.ts';
import { CollectionClient, type Shared, Unexpected } from './client.ts';
import { Collector } from './collector.ts';
import { makeContents } from './contents.ts';
import { findOrphans } from './orphans.ts';

export interface CollectionRun {
  readonly operations: number;
  readonly clients: number;
  readonly contents: number;
  readonly seed: number;
}

/** Three nodes that collect only when they are asked to, and then at once: no grace, no time between tombstone and deletion. */
export function startCollectingCluster(): Promise<TestCluster> {
  return startCluster({ nodes: 3, balancer: false, config: { tasks: { gc: { intervalMinutes: 0, graceSeconds: 0, deleteAfterSeconds: 0 } } } });
}

/** Lets clients change files while collections follow each other, then looks for what was lost and for what was left. */
export async function collectWhileChanging(cluster: TestCluster, options: CollectionRun, say: (line: string) => void = () => undefined): Promise<Outcome> {
  const random = new Random(options.seed);
  const nodes = cluster.nodes.map(({ client }) => client);
  const made = await nodes[0]!.put('/api/repositories/images', JSON.stringify({ rclass: 'local', packageType: 'docker' }), { headers: { 'content-type': 'application/json' } });
  if (made.status !== 200) throw new Error(`the repository was not made: ${made.text()}`);
  const shared: Shared = { nodes, contents: makeContents(options.contents, random), counts: new Map(), failures: [] };
  const clients = Array.from({ length: options.clients }, (_, number) => new CollectionClient(shared, number, random.branch(number)));
  const collector = new Collector(nodes);
  collector.start();
  const begun = performance.now();
  let left = options.operations;
  const seconds = (): number => (performance.now() - begun) / 1000;
  await Promise.all(clients.map(async (client) => {
    while (left > 0 && shared.failures.length < 20) {
      left -= 1;
      if (left % 5000 === 0) say(`${String(options.operations - left)} operations, ${((options.operations - left) / seconds()).toFixed(0)}/s, collections ${JSON.stringify(collector.total)}, failures ${String(shared.failures.length)}`);
      try {
        await client.step();
      } catch (error) {
        if (!(error instanceof Unexpected)) throw error;
        return;
      }
    }
  })).finally(() => collector.stop());
  const changed = seconds();
  const done = options.operations - Math.max(0, left);
  await Promise.all(clients.map((client) => client.requireAll()));
  const emptied = await nodes[0]!.post('/api/trash/empty');
  if (emptied.status !== 200) shared.failures.push(`the trash can was not emptied: ${emptied.text()}`);
  // tombstones of one run are deleted by the next one at the latest
  for (let round = 0, quiet = 0; round < 100 && quiet < 2; round += 1) {
    const { tombstoned, deleted, early } = await collector.collect();
    quiet = tombstoned + deleted + early === 0 ? quiet + 1 : 0;
  }
  await Promise.all(clients.map((client) => client.requireAll()));
  const live = new Set(clients.flatMap((client) => [...client.expected.values(), ...client.pushed.values()]).map(({ sha256 }) => sha256));
  for (const line of await logDigest(cluster)) say(line);
  const orphans = await findOrphans(cluster, live);
  return {
    facts: {
      operations: `${String(done)} in ${changed.toFixed(0)} s, ${(done / changed).toFixed(0)}/s`,
      'of them': [...shared.counts].sort().map(([name, count]) => `${name} ${String(count)}`).join(', '),
      collections: `${String(collector.total.runs)}, tombstoned ${String(collector.total.tombstoned)}, deleted ${String(collector.total.deleted)}, ended early ${String(collector.total.early)}`,
      'at the end': `${String(live.size)} blobs live, ${String(orphans.length)} orphans or gaps`,
    },
    failures: [...shared.failures, ...collector.failures, ...orphans],
  };
}
