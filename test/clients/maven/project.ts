import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pluginVersions, repositoryKey } from './debian-repository.ts';

export interface Coordinates {
  readonly artifactId: string;
  readonly version: string;
}

export interface Server {
  /** address of the balancer */
  readonly url: string;
  readonly user: string;
  readonly password: string;
}

/** Keys of the repositories that a project reads from and deploys to. */
export interface ProjectRepositories {
  readonly read: string;
  readonly releases: string;
  readonly snapshots: string;
}

const standard: ProjectRepositories = { read: repositoryKey, releases: 'maven-releases', snapshots: 'maven-snapshots' };

/** A small project with a class, a test and every plugin pinned: nothing it needs is on this machine, all of it comes from the repository. */
export async function writeProject(folder: string, project: Coordinates, server: Server, repositories = standard): Promise<void> {
  await mkdir(join(folder, 'src/main/java/a'), { recursive: true });
  await mkdir(join(folder, 'src/test/java/a'), { recursive: true });
  await writeFile(join(folder, 'src/main/java/a/Twice.java'), 'package a;\npublic final class Twice { public static int of(int n) { return 2 * n; } }\n');
  await writeFile(join(folder, 'src/test/java/a/TwiceTest.java'), [
    'package a;', 'import static org.junit.Assert.assertEquals;',
    'public class TwiceTest { @org.junit.Test public void doubles() { assertEquals(4, Twice.of(2)); } }', '',
  ].join('\n'));
  await writeFile(join(folder, 'pom.xml'), await pom(project, server, repositories));
  await writeFile(join(folder, 'settings.xml'), settings(server, repositories), { mode: 0o600 });
}

async function pom({ artifactId, version }: Coordinates, { url }: Server, { releases, snapshots }: ProjectRepositories): Promise<string> {
  const pinned = [...await pluginVersions()].map(([name, pluginVersion]) => `<plugin><artifactId>${name}</artifactId><version>${pluginVersion}</version></plugin>`);
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.example</groupId><artifactId>${artifactId}</artifactId><version>${version}</version><packaging>jar</packaging>
  <properties>
    <maven.compiler.source>17</maven.compiler.source><maven.compiler.target>17</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <distributionManagement>
    <repository><id>releases</id><url>${url}/artifactory/${releases}</url></repository>
    <snapshotRepository><id>snapshots</id><url>${url}/artifactory/${snapshots}</url></snapshotRepository>
  </distributionManagement>
  <dependencies><dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4.13.2</version><scope>test</scope></dependency></dependencies>
  <build><plugins>${pinned.join('')}</plugins></build>
</project>
`;
}

function settings({ url, user, password }: Server, { read }: ProjectRepositories): string {
  const login = ['central', 'releases', 'snapshots'].map((id) => `<server><id>${id}</id><username>${user}</username><password>${password}</password></server>`);
  return `<settings>
  <servers>${login.join('')}</servers>
  <mirrors><mirror><id>central</id><mirrorOf>*</mirrorOf><url>${url}/artifactory/${read}</url></mirror></mirrors>
</settings>
`;
}
