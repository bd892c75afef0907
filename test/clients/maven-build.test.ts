import { join } from 'node:path';
import { XMLParser } from 'fast-xml-parser';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import { pause } from '../harness/wait-for.ts';
import { deployDebianRepository, requireMaven } from './maven/debian-repository.ts';
import { writeProject, type Coordinates, type Server } from './maven/project.ts';
import { runMaven, runMavenWith } from './maven/run-maven.ts';
import { keepKilling } from './restless-nodes.ts';

let cluster: TestCluster;
let folder: TemporaryFolder;

beforeAll(async () => {
  requireMaven();
  cluster = await startCluster();
  folder = await temporaryFolder('maven-projects');
  expect(await deployDebianRepository(cluster.balancer.client)).toBeGreaterThan(500);
});

afterAll(async () => {
  await folder.remove();
  await cluster.stop();
});

async function project(name: string, coordinates: Coordinates, as: Omit<Server, 'url'> = cluster.admin): Promise<string> {
  const path = join(folder.path, name);
  await writeProject(path, coordinates, { url: cluster.balancer.url, ...as });
  return path;
}

/** A user who may read and deploy, and overwrite nothing: a replayed deploy that were taken for a second one would be refused. */
async function makeDeployer(): Promise<Omit<Server, 'url'>> {
  const [user, password] = ['deployer', 'a long enough password'];
  const { client } = cluster.balancer;
  const json = { headers: { 'content-type': 'application/json' } };
  expect((await client.put(`/api/security/users/${user}`, JSON.stringify({ password, role: 'user' }), json)).status).toBe(201);
  const target = { repo: { repositories: ['ANY'], actions: { users: { [user]: ['read', 'write'] } } } };
  expect((await client.put(`/api/v2/security/permissions/${user}`, JSON.stringify(target), json)).status).toBe(201);
  return { user, password };
}

it('a build with an empty local repository succeeds again and again while nodes are killed and come back', async () => {
  const path = await project('app', { artifactId: 'app', version: '1.0' });
  const quiet = await runMaven(path, ['package']);
  expect(quiet.output).toContain('BUILD SUCCESS');
  expect(quiet.downloads).toBeGreaterThan(100);

  const restless = keepKilling(cluster, { between: () => pause(700) });
  const outcomes: string[] = [];
  let builds = 0;
  while ((restless.kills < 6 || builds < 3) && outcomes.length === 0) {
    const build = await Promise.race([runMaven(path, ['package']), restless.ended.then(() => { throw new Error('nobody is killed any more'); })]);
    builds += 1;
    if (build.exitCode !== 0) outcomes.push(build.output);
  }
  await restless.stop();
  expect(outcomes).toEqual([]);
  expect(restless.kills).toBeGreaterThanOrEqual(6);
});

it('deploys by a user who may not overwrite succeed while nodes are killed, and the metadata lists exactly them', async () => {
  const deployer = await makeDeployer();
  const local = join(folder.path, 'local-restless');
  const deploy = async (version: string) => runMavenWith(local, await project(`restless-${version}`, { artifactId: 'restless', version }, deployer), ['deploy', '-DskipTests']);
  // fetches the plugins: what follows sends more than it fetches
  expect((await deploy('1.0')).output).toContain('BUILD SUCCESS');

  const restless = keepKilling(cluster, { between: () => pause(700) });
  const failures: string[] = [];
  const released = ['1.0'];
  let snapshots = 0;
  for (let turn = 1; (restless.kills < 8 || turn <= 9) && failures.length === 0; turn += 1) {
    const version = turn % 3 === 0 ? '2.0-SNAPSHOT' : `1.${String(released.length)}`;
    const result = await Promise.race([deploy(version), restless.ended.then(() => { throw new Error('nobody is killed any more'); })]);
    if (result.exitCode !== 0) failures.push(result.output);
    else if (version === '2.0-SNAPSHOT') snapshots += 1;
    else released.push(version);
  }
  await restless.stop();
  expect(failures).toEqual([]);
  expect(restless.kills).toBeGreaterThanOrEqual(8);

  await cluster.untilServing();
  expect((await metadata('maven-releases/org/example/restless')).versioning.versions.version).toEqual(released);
  for (const version of released) {
    for (const { client } of cluster.nodes) expect((await client.get(`/maven-releases/org/example/restless/${version}/restless-${version}.jar`)).status).toBe(200);
  }
  expect((await metadata('maven-snapshots/org/example/restless/2.0-SNAPSHOT')).versioning.snapshot?.buildNumber).toBe(String(snapshots));
});

it('releases and snapshots deployed by two builds at once are all in the metadata', async () => {
  const names = ['left', 'right'] as const;
  // both builds also add versions to one artifact that they share
  const rounds: (readonly [Coordinates, Coordinates])[] = [
    [{ artifactId: 'left', version: '1.0' }, { artifactId: 'right', version: '1.0' }],
    [{ artifactId: 'shared', version: '1.0' }, { artifactId: 'shared', version: '1.1' }],
    [{ artifactId: 'shared', version: '2.0-SNAPSHOT' }, { artifactId: 'shared', version: '2.1-SNAPSHOT' }],
    [{ artifactId: 'shared', version: '2.0-SNAPSHOT' }, { artifactId: 'left', version: '2.0-SNAPSHOT' }],
  ];
  for (const [index, round] of rounds.entries()) {
    const results = await Promise.all(round.map(async (coordinates, side) =>
      runMavenWith(join(folder.path, `local-${String(side)}`), await project(`${names[side] ?? ''}-${String(index)}`, coordinates), ['deploy', '-DskipTests'])));
    for (const result of results) expect(result.output).toContain('BUILD SUCCESS');
  }

  const releases = await metadata('maven-releases/org/example/shared');
  expect(releases.versioning.versions.version).toEqual(['1.0', '1.1']);
  expect(releases.versioning.release).toBe('1.1');
  const snapshots = await metadata('maven-snapshots/org/example/shared');
  expect(snapshots.versioning.versions.version).toEqual(['2.0-SNAPSHOT', '2.1-SNAPSHOT']);
  const builds = await metadata('maven-snapshots/org/example/shared/2.0-SNAPSHOT');
  expect(builds.versioning.snapshot?.buildNumber).toBe('2');
  const jar = builds.versioning.snapshotVersions?.snapshotVersion.find((entry) => entry.extension === 'jar');
  expect(jar?.value).toMatch(/^2\.0-\d{8}\.\d{6}-2$/);
  const download = await cluster.balancer.client.get(`/maven-snapshots/org/example/shared/2.0-SNAPSHOT/shared-${jar?.value ?? ''}.jar`);
  expect(download.status).toBe(200);
  expect((await metadata('maven-releases/org/example/left')).versioning.versions.version).toEqual(['1.0']);
  expect((await metadata('maven-releases/org/example/right')).versioning.versions.version).toEqual(['1.0']);
});

interface Metadata {
  readonly versioning: {
    readonly release?: string;
    readonly versions: { readonly version: string[] };
    readonly snapshot?: { readonly buildNumber: string };
    readonly snapshotVersions?: { readonly snapshotVersion: { readonly extension: string; readonly value: string }[] };
  };
}

/** The same from every node, straight. */
async function metadata(path: string): Promise<Metadata> {
  const answers = await Promise.all(cluster.nodes.map((node) => node.client.get(`/${path}/maven-metadata.xml`)));
  const texts = new Set(answers.map((answer) => { expect(answer.status).toBe(200); return answer.text(); }));
  expect(texts.size).toBe(1);
  const parser = new XMLParser({ parseTagValue: false, isArray: (name) => name === 'version' || name === 'snapshotVersion' });
  return (parser.parse([...texts][0] ?? '') as { metadata: Metadata }).metadata;
}
