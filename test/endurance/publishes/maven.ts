import { createHash } from 'node:crypto';
import type { TestCluster } from '../../harness/cluster.ts';
import { type Outcome, spread } from '../outcome.ts';
import { differences, sendAll, withPatientClients } from './acknowledged.ts';

const folder = '/maven-busy/org/acme/busy';
const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');

const pom = (version: string): string => '<?xml version="1.0" encoding="UTF-8"?>\n<project><modelVersion>4.0.0</modelVersion>'
  + `<groupId>org.acme</groupId><artifactId>busy</artifactId><version>${version}</version></project>\n`;

/** The versions in a maven-metadata.xml, as they stand there. */
const versionsIn = (xml: string): string[] => [...xml.matchAll(/<version>([^<]*)<\/version>/g)].map(([, version]) => version!);

/**
 * Deploys so many versions of one artifact at once over all nodes, each as Maven's deploy plugin does it: jar and POM with their checksums,
 * then the metadata that was there, the own version added to it, and its checksum.
 */
export async function deployAtOnce(cluster: TestCluster, count: number, impatient = false): Promise<Outcome> {
  const made = await cluster.nodes[0]!.client.put('/api/repositories/maven-busy', JSON.stringify({ rclass: 'local', packageType: 'maven' }), { headers: { 'content-type': 'application/json' } });
  if (made.status !== 200) throw new Error(`the repository was not made: ${made.text()}`);
  return withPatientClients(cluster, async (clients) => {
    const failures: string[] = [];
    const begun = performance.now();
    const sent = await sendAll(Array.from({ length: count }, (_, at) => `1.${String(at)}`), clients.length, async (version, first) => {
      // each request of a deploy lands on the next node, as behind a balancer
      let at = first;
      const client = () => clients[at++ % clients.length]!;
      const base = `${folder}/${version}/busy-${version}`;
      const jar = `the classes of ${version}`;
      let last = await client().put(`${base}.jar`, jar);
      const steps: [string, string][] = [[`${base}.jar.sha1`, sha1(jar)], [`${base}.pom`, pom(version)], [`${base}.pom.sha1`, sha1(pom(version))]];
      for (const [path, body] of steps) {
        if (last.status !== 201) return last;
        last = await client().put(path, body);
      }
      if (last.status !== 201) return last;
      const before = await client().get(`${folder}/maven-metadata.xml`);
      if (before.status === 429 || before.status === 503) return before;
      if (before.status !== 200) {
        failures.push(`the metadata was answered with ${String(before.status)} after ${version} had been stored`);
        return before;
      }
      if (!versionsIn(before.text()).includes(version)) failures.push(`${version} was acknowledged by one node and missing on another`);
      const listed = [...new Set([...versionsIn(before.text()), version])];
      const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<metadata><groupId>org.acme</groupId><artifactId>busy</artifactId><versioning><release>${version}</release>`
        + `<versions>${listed.map((each) => `<version>${each}</version>`).join('')}</versions><lastUpdated>20260101000000</lastUpdated></versioning></metadata>\n`;
      last = await client().put(`${folder}/maven-metadata.xml`, xml);
      return last.status === 201 ? client().put(`${folder}/maven-metadata.xml.sha1`, sha1(xml)) : last;
    }, impatient);
    const seconds = (performance.now() - begun) / 1000;
    const acknowledged = [...sent.versions];
    for (const [node, client] of clients.entries()) {
      const text = (await client.get(`${folder}/maven-metadata.xml`)).text();
      failures.push(...differences(`the metadata of node ${String(node + 1)}`, acknowledged, versionsIn(text)));
      const sum = await client.get(`${folder}/maven-metadata.xml.sha1`);
      if (sum.text() !== sha1(text)) failures.push(`the checksum of the metadata of node ${String(node + 1)} does not fit: ${sum.text().slice(0, 80)}`);
      if (!text.includes(`<release>1.${String(count - 1)}</release>`)) failures.push(`the newest release is not the highest version on node ${String(node + 1)}`);
    }
    return {
      facts: {
        'Maven versions': `${String(acknowledged.length)} of ${String(count)} acknowledged, ${sent.trouble}, ${seconds.toFixed(1)} s`,
        'Maven deploy': `${spread(sent.took)} (7 requests each)`,
      },
      failures: [...failures, ...sent.refused],
    };
  });
}
