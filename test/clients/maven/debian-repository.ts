import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { delimiter, join, relative } from 'node:path';
import type { NodeClient } from '../../harness/node-client.ts';

/** Debian's Maven repository: plugins, their dependencies, JUnit. */
const root = '/usr/share/maven-repo';
export const repositoryKey = 'debian-maven';

const plugins = ['compiler', 'resources', 'jar', 'surefire', 'install', 'deploy'] as const;
const packageOf: Record<(typeof plugins)[number], string> = {
  compiler: 'libmaven-compiler-plugin-java', resources: 'libmaven-resources-plugin-java', jar: 'libmaven-jar-plugin-java',
  surefire: 'libsurefire-java', install: 'libmaven-install-plugin-java', deploy: 'libmaven-deploy-plugin-java',
};

/** Throws with the one command that installs what is not there. */
export function requireMaven(): void {
  const inPath = (program: string): boolean => (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
  const missing = [
    ...(inPath('mvn') ? [] : ['maven']),
    ...(inPath('javac') ? [] : ['default-jdk-headless']),
    ...(existsSync(join(root, 'junit/junit')) ? [] : ['junit4']),
    ...plugins.filter((plugin) => !existsSync(folderOf(plugin))).map((plugin) => packageOf[plugin]),
  ];
  if (missing.length > 0) throw new Error(`Maven tests need: apt-get install -y --no-install-recommends ${missing.join(' ')}`);
}

const folderOf = (plugin: string): string => join(root, `org/apache/maven/plugins/maven-${plugin}-plugin`);

/** Plugin versions that this machine has with their jars: what a project pins. */
export async function pluginVersions(): Promise<ReadonlyMap<string, string>> {
  const versions = new Map<string, string>();
  for (const plugin of plugins) {
    const present = (await readdir(folderOf(plugin)))
      .filter((version) => existsSync(join(folderOf(plugin), version, `maven-${plugin}-plugin-${version}.jar`)))
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    const newest = present.at(-1);
    if (newest === undefined) throw new Error(`there is no jar of maven-${plugin}-plugin below ${root}`);
    versions.set(`maven-${plugin}-plugin`, newest);
  }
  return versions;
}

/** Every POM and jar of Debian's repository, as a path inside it. */
async function files(): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => /\.(?:pom|jar)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

/** Deploys all of it into a repository of its own; resolves to the number of files. */
export async function deployDebianRepository(client: NodeClient): Promise<number> {
  const made = await client.put(`/api/repositories/${repositoryKey}`, JSON.stringify({
    rclass: 'local', packageType: 'maven', handleReleases: true, handleSnapshots: true,
  }), { headers: { 'content-type': 'application/json' } });
  if (made.status >= 300) throw new Error(`the repository was not made: ${made.text()}`);
  const left = await files();
  const total = left.length;
  await Promise.all(Array.from({ length: 8 }, async () => {
    for (let path = left.pop(); path !== undefined; path = left.pop()) {
      const answer = await client.put(`/${repositoryKey}/${path}`, await readFile(join(root, path)));
      if (answer.status !== 201) throw new Error(`${path}: ${String(answer.status)} ${answer.text()}`);
    }
  }));
  return total;
}
