import type { TestCluster } from '../../harness/cluster.ts';
import { pause } from '../../harness/wait-for.ts';
import { npmTarball, publishBody } from '../../harness/npm-packages.ts';
import { type Outcome, spread } from '../outcome.ts';
import { differences, sendAll, withPatientClients } from './acknowledged.ts';

const json = { 'content-type': 'application/json' };
const abbreviated = { accept: 'application/vnd.npm.install-v1+json' };
const name = '@acme/busy';

interface Listed {
  readonly versions: Readonly<Record<string, unknown>>;
  readonly 'dist-tags': Readonly<Record<string, string>>;
}

/**
 * Publishes so many versions of one package at once over all nodes, while its packument is read on each of them. Each
 * publisher reads its own version on another node as soon as it is acknowledged.
 */
export async function publishAtOnce(cluster: TestCluster, count: number, impatient = false): Promise<Outcome> {
  const made = await cluster.nodes[0]!.client.put('/api/repositories/npm-busy', JSON.stringify({ rclass: 'local', packageType: 'npm' }), { headers: json });
  if (made.status !== 200) throw new Error(`the repository was not made: ${made.text()}`);
  return withPatientClients(cluster, async (clients) => {
    const path = `/api/npm/npm-busy/${name.replace('/', '%2f')}`;
    const failures: string[] = [];
    const packument = async (node: number, headers: Readonly<Record<string, string>> = {}): Promise<Listed | null> => {
      const answer = await clients[node % clients.length]!.get(path, { headers });
      if (![200, 404, 429, 503].includes(answer.status)) failures.push(`the packument was answered with ${String(answer.status)}`);
      return answer.status === 200 ? answer.json() as Listed : null;
    };
    let over = false;
    const readers = clients.map(async (_, node) => { while (!over) await packument(node, abbreviated).catch(() => pause(500)); });
    const begun = performance.now();
    const sent = await sendAll(Array.from({ length: count }, (_, at) => `1.${String(at)}.0`), clients.length, async (version, node) => {
      const manifest = { name, version };
      const answer = await clients[node]!.put(path, publishBody(manifest, npmTarball(manifest), { tag: `t${String(Number(version.split('.')[1]) % 25)}` }), { headers: json });
      if (answer.status === 201) {
        const seen = await packument(node + 1);
        if (seen !== null && !(version in seen.versions)) failures.push(`${version} was acknowledged by one node and missing on another`);
      }
      return answer;
    }, impatient);
    const seconds = (performance.now() - begun) / 1000;
    over = true;
    await Promise.all(readers);
    const acknowledged = [...sent.versions];
    for (const [node] of clients.entries()) {
      for (const [form, headers] of [['full', {}], ['abbreviated', abbreviated]] as const) {
        const listed = await packument(node, headers);
        failures.push(...differences(`the ${form} packument of node ${String(node + 1)}`, acknowledged, Object.keys(listed?.versions ?? {})));
        for (const [tag, version] of Object.entries(listed?.['dist-tags'] ?? {})) if (!acknowledged.includes(version)) failures.push(`tag ${tag} names ${version}, which nobody was told of`);
      }
    }
    return {
      facts: {
        'npm versions': `${String(acknowledged.length)} of ${String(count)} acknowledged, ${sent.trouble}, ${seconds.toFixed(1)} s`,
        'npm publish': spread(sent.took),
      },
      failures: [...failures, ...sent.refused],
    };
  });
}
