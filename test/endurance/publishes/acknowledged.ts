import type { TestCluster } from '../../harness/cluster.ts';
import { type Answer, NodeClient } from '../../harness/node-client.ts';
import { pause } from '../../harness/wait-for.ts';

/** What became of versions that were sent all at once. */
export interface Acknowledged {
  readonly versions: readonly string[];
  /** answers with 429 and 503 that name a time to wait, and connections that broke; after each the same was sent again */
  readonly trouble: string;
  /** from the first sending of a version to its acknowledgement, milliseconds */
  readonly took: readonly number[];
  readonly refused: readonly string[];
}

/** A client for each node that waits as long as a thousand requests in front of it may take. */
export async function withPatientClients<T>(cluster: TestCluster, body: (clients: readonly NodeClient[]) => Promise<T>): Promise<T> {
  const clients = cluster.nodes.map(({ url }) => new NodeClient(url, cluster.admin, 240_000));
  try {
    return await body(clients);
  } finally {
    await Promise.all(clients.map((client) => client.close()));
  }
}

/**
 * Sends all versions at once, each to the next node. One that is shed is sent again after the time that the answer names.
 * @param send all requests of one version; the last answer counts
 * @param impatient sent again at once, whatever the answer says: nodes that only have too much to do must say so by 429 even then, and never by 503
 */
export async function sendAll(versions: readonly string[], nodes: number, send: (version: string, node: number) => Promise<Answer>, impatient = false): Promise<Acknowledged> {
  const done: string[] = [];
  const took: number[] = [];
  const refused: string[] = [];
  let shed = 0;
  let unavailable = 0;
  let broken = 0;
  await Promise.all(versions.map(async (version, at) => {
    const begun = performance.now();
    for (;;) {
      const answer = await send(version, at % nodes).catch(() => null);
      if (answer === null) {
        // nobody knows what became of it: the same is sent again, as a build that is started again does
        broken += 1;
        await pause(500);
        continue;
      }
      // a node that cannot serve for a moment is asked again as well; what it did before it said so must not be half done
      if ((answer.status === 429 || answer.status === 503) && answer.headers['retry-after'] !== undefined) {
        if (answer.status === 429) shed += 1;
        else unavailable += 1;
        if (impatient && answer.status === 503) refused.push(`${version}: 503 ${answer.text().slice(0, 200)}`);
        await pause(impatient ? 10 : Number(answer.headers['retry-after']) * 1000);
        continue;
      }
      if (answer.status === 201) {
        done.push(version);
        took.push(performance.now() - begun);
      } else refused.push(`${version}: ${String(answer.status)} ${answer.text().slice(0, 200)}`);
      return;
    }
  }));
  return { versions: done, trouble: `${String(shed)} times shed, ${String(unavailable)} times 503, ${String(broken)} connections broken`, took, refused };
}

/** What is listed and was not acknowledged, and the other way round. */
export function differences(where: string, acknowledged: readonly string[], listed: readonly string[]): string[] {
  const missing = acknowledged.filter((version) => !listed.includes(version));
  const unknown = listed.filter((version) => !acknowledged.includes(version));
  const twice = listed.length - new Set(listed).size;
  return [
    ...(missing.length === 0 ? [] : [`${where} lacks ${String(missing.length)} acknowledged versions, for example ${missing.slice(0, 5).join(', ')}`]),
    ...(unknown.length === 0 ? [] : [`${where} lists ${String(unknown.length)} versions that nobody was told of, for example ${unknown.slice(0, 5).join(', ')}`]),
    ...(twice === 0 ? [] : [`${where} lists ${String(twice)} versions twice`]),
  ];
}
