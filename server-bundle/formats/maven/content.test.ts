import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { ada, contentPair, digest } from '../../../test/harness/content-pair.ts';
import type { RecordedAnswer } from '../../metadata/request-results.ts';
import type { Principal } from '../../security/principal.ts';
import { declaredChecksums } from '../../repositories/declared-checksums.ts';
import { deploy } from '../../repositories/deploy.ts';
import { remove } from '../../repositories/remove.ts';

const pair = contentPair();
const { put, get, text } = pair;

it('Maven repositories hold to their version policy', async () => {
  await expect(put(pair.a, 'maven-releases', 'g/a/1-SNAPSHOT/a-1-SNAPSHOT.jar', 'x')).rejects.toMatchObject({ code: 'LAYOUT_VIOLATION' });
  await expect(put(pair.a, 'maven-snapshots', 'g/a/1/a-1.jar', 'x')).rejects.toMatchObject({ code: 'LAYOUT_VIOLATION' });
  await put(pair.a, 'maven-releases', 'archetype-catalog.xml', 'x');
});

it('Maven repositories let a snapshot be overwritten by whoever may deploy, and a release only by whoever may delete', async () => {
  const deployer: Principal = { name: 'bob', role: 'deployer', via: 'password' };
  const by = (path: string, bytes: string): Promise<RecordedAnswer> => deploy(pair.a.content, {
    principal: deployer, repositoryKey: path.includes('SNAPSHOT') ? 'maven-snapshots' : 'maven-releases', path, declared: declaredChecksums({}), replayKey: null,
  }, Readable.from([Buffer.from(bytes)]));
  await by('g/a/1-SNAPSHOT/a-1-SNAPSHOT.jar', '1');
  expect(await by('g/a/1-SNAPSHOT/a-1-SNAPSHOT.jar', '2')).toMatchObject({ status: 201 });
  expect(await text(pair.b, 'maven-snapshots', 'g/a/1-SNAPSHOT/a-1-SNAPSHOT.jar')).toBe('2');
});

it('Maven repositories compute artifact metadata from what is there, also under deploys on several nodes at once', async () => {
  expect(await get(pair.a, 'maven-releases', 'org/acme/lib/maven-metadata.xml')).toBeNull();
  const versions = ['1.0', '1.2', '1.10', '1.10-rc1', '2.0-beta-1'];
  await Promise.all(versions.map((version, at) => put(at % 2 === 0 ? pair.a : pair.b, 'maven-releases', `org/acme/lib/${version}/lib-${version}.pom`, version)));
  for (const node of [pair.a, pair.b]) {
    const xml = await text(node, 'maven-releases', 'org/acme/lib/maven-metadata.xml');
    expect(xml).toContain('<groupId>org.acme</groupId>');
    expect([...xml!.matchAll(/<version>(.*?)<\/version>/g)].map((match) => match[1])).toEqual(['1.0', '1.2', '1.10-rc1', '1.10', '2.0-beta-1']);
    expect(xml).toContain('<release>2.0-beta-1</release>');
    expect(await text(node, 'maven-releases', 'org/acme/lib/maven-metadata.xml.sha1')).toBe(digest(xml!, 'sha1'));
  }
  await remove(pair.a.content, { principal: ada, repositoryKey: 'maven-releases', path: 'org/acme/lib/2.0-beta-1', replayKey: null });
  expect(await text(pair.b, 'maven-releases', 'org/acme/lib/maven-metadata.xml')).toContain('<release>1.10</release>');
});

it('Maven repositories take metadata that a client sends, and do not believe it', async () => {
  await put(pair.a, 'maven-releases', 'g/a/1/a-1.pom', 'x');
  const before = await text(pair.a, 'maven-releases', 'g/a/maven-metadata.xml');
  expect(await put(pair.a, 'maven-releases', 'g/a/maven-metadata.xml', '<metadata/>')).toMatchObject({ status: 201 });
  expect(await put(pair.a, 'maven-releases', 'g/a/maven-metadata.xml.sha1', digest('<metadata/>', 'sha1'))).toMatchObject({ status: 201 });
  expect(await text(pair.b, 'maven-releases', 'g/a/maven-metadata.xml')).toBe(before);
});

it('Maven repositories compute snapshot metadata', async () => {
  const folder = 'g/a/1-SNAPSHOT';
  for (const name of ['a-1-20260101.100000-1.jar', 'a-1-20260101.100000-1.pom', 'a-1-20260102.100000-2.jar', 'a-1-20260102.100000-2.pom', 'a-1-20260101.100000-1-sources.jar']) {
    await put(pair.a, 'maven-snapshots', `${folder}/${name}`, name);
  }
  const xml = await text(pair.b, 'maven-snapshots', `${folder}/maven-metadata.xml`);
  expect(xml).toMatch(/<timestamp>20260102\.100000<\/timestamp>\s*<buildNumber>2<\/buildNumber>/);
  expect(xml).toMatch(/<extension>jar<\/extension>\s*<value>1-20260102\.100000-2<\/value>\s*<updated>20260102100000<\/updated>/);
  expect(xml).toMatch(/<classifier>sources<\/classifier>\s*<extension>jar<\/extension>\s*<value>1-20260101\.100000-1<\/value>/);
  expect(await text(pair.b, 'maven-snapshots', 'g/a/maven-metadata.xml')).toContain('<latest>1-SNAPSHOT</latest>');
  await put(pair.b, 'maven-snapshots', `${folder}/a-1-20260103.100000-3.pom`, '3');
  expect(await text(pair.a, 'maven-snapshots', `${folder}/maven-metadata.xml`)).toContain('<buildNumber>3</buildNumber>');
});

it('Maven repositories name the plugins of a group', async () => {
  await put(pair.a, 'maven-releases', 'org/acme/maven/hello-maven-plugin/1/hello-maven-plugin-1.pom', 'x');
  expect(await text(pair.b, 'maven-releases', 'org/acme/maven/maven-metadata.xml')).toMatch(/<prefix>hello<\/prefix>\s*<artifactId>hello-maven-plugin<\/artifactId>/);
});
