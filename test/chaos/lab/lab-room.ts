import { join } from 'node:path';
import { NodeClient } from '../../harness/node-client.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { startLanNodes, type LanNodes } from '../../lab/lan-cluster.ts';
import type { ChaosTarget } from '../long/target.ts';

const names = ['one', 'two', 'three'] as const;
/** A host has to boot first. */
const recoveryMs = 120_000;

/** A cluster on hosts of the lab, as a round of chaos needs it. */
export interface LabRoom extends AsyncDisposable {
  readonly nodes: LanNodes;
  readonly target: ChaosTarget;
}

export async function openLabRoom(): Promise<LabRoom> {
  await using clean = new AsyncDisposableStack();
  const nodes = clean.use(await startLanNodes(names, { database: 'host', say: (line) => { console.log(line); } }));
  const { lab, databaseName } = nodes;
  const clients = names.map((nodeId) => ({ nodeId, client: clean.use(new NodeClient(`http://${lab.host(nodeId).address}:8081`, nodes.admin)) }));
  const ready = async (client: NodeClient): Promise<boolean> => (await client.get('/api/system/ping', { as: null, signal: AbortSignal.timeout(1000) })).status === 200;
  const target: ChaosTarget = {
    nodes: clients,
    balancer: null,
    query: (statement) => lab.database!.query(statement, databaseName),
    filestore: join(lab.share, 'art'),
    untilServing: async () => {
      await Promise.all(clients.map(({ nodeId, client }) => waitFor(`${nodeId} to serve`, () => ready(client), { timeoutMs: recoveryMs, everyMs: 100 })));
    },
    budget: async () => {
      const answer = await clients[0]!.client.get('/api/v1/cluster');
      return (answer.json() as { database: { budget: number } }).database.budget;
    },
  };
  const made = await clients[0]!.client.put('/api/repositories/npm-local', JSON.stringify({ rclass: 'local', packageType: 'npm' }), { headers: { 'content-type': 'application/json' } });
  if (made.status !== 200) throw new Error(`the repository for npm could not be made: ${made.text()}`);
  const kept = clean.move();
  return { nodes, target, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
