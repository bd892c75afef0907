import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import { deployDebianRepository, repositoryKey, requireMaven } from './maven/debian-repository.ts';
import { writeProject, type Coordinates } from './maven/project.ts';
import { runMaven } from './maven/run-maven.ts';

let cluster: TestCluster;
let folder: TemporaryFolder;
const all = 'maven-all';
const central = 'maven-central';

beforeAll(async () => {
  requireMaven();
  cluster = await startCluster();
  folder = await temporaryFolder('maven-projects');
  const { client, url } = cluster.balancer;
  expect(await deployDebianRepository(client)).toBeGreaterThan(500);
  const make = async (key: string, settings: Record<string, unknown>): Promise<void> => {
    const answer = await client.put(`/api/repositories/${key}`, JSON.stringify({ packageType: 'maven', ...settings }), { headers: { 'content-type': 'application/json' } });
    expect(answer.status, answer.text()).toBe(200);
  };
  const { user, password } = cluster.admin;
  await make('maven-own', { rclass: 'local' });
  await make(central, { rclass: 'remote', url: `${url}/artifactory/${repositoryKey}`, username: user, password, allowPrivateAddresses: true, remoteRepoChecksumPolicyType: 'fail' });
  await make(all, { rclass: 'virtual', repositories: ['maven-own', central], defaultDeploymentRepo: 'maven-own' });
});

afterAll(async () => {
  await folder.remove();
  await cluster.stop();
});

async function project(name: string, coordinates: Coordinates): Promise<string> {
  const path = join(folder.path, name);
  await writeProject(path, coordinates, { url: cluster.balancer.url, ...cluster.admin }, { read: all, releases: all, snapshots: all });
  return path;
}

it('builds with an empty local repository through a virtual repository whose remote member fetches everything', async () => {
  const path = await project('app', { artifactId: 'app', version: '1.0' });
  const first = await runMaven(path, ['package']);
  expect(first.output).toContain('BUILD SUCCESS');
  expect(first.downloads).toBeGreaterThan(100);
  const kept = await cluster.balancer.client.get(`/api/storage/${central}?list&deep=1`);
  expect((kept.json() as { files: unknown[] }).files.length).toBeGreaterThan(100);

  // what is kept is enough
  const offline = await cluster.balancer.client.post(`/api/repositories/${central}`, { offline: true });
  expect(offline.status, offline.text()).toBe(200);
  const second = await runMaven(path, ['package']);
  expect(second.output).toContain('BUILD SUCCESS');
  const online = await cluster.balancer.client.post(`/api/repositories/${central}`, { offline: false });
  expect(online.status).toBe(200);
});

it('deploys to the virtual repository, releases and snapshots, and finds them there', async () => {
  for (const version of ['1.0', '1.1', '2.0-SNAPSHOT']) {
    const result = await runMaven(await project(`shared-${version}`, { artifactId: 'shared', version }), ['deploy', '-DskipTests']);
    expect(result.output).toContain('BUILD SUCCESS');
  }
  for (const { client } of cluster.nodes) {
    const metadata = await client.get(`/${all}/org/example/shared/maven-metadata.xml`);
    expect([...metadata.text().matchAll(/<version>(.*?)<\/version>/g)].map((match) => match[1])).toEqual(['1.0', '1.1', '2.0-SNAPSHOT']);
    expect((await client.get(`/maven-own/org/example/shared/1.1/shared-1.1.jar`)).status).toBe(200);
  }
});
