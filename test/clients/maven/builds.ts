import { join } from 'node:path';
import { temporaryFolder } from '../../harness/temporary-folder.ts';
import { writeProject, type Server } from './project.ts';
import { runMaven } from './run-maven.ts';

export interface BuildsReport {
  /** how many there were behind each server, by its name */
  readonly builds: Readonly<Record<string, number>>;
  /** files that Maven fetched, by its own count */
  readonly downloads: number;
  /** which build failed, and its last lines */
  readonly failures: readonly string[];
}

/** `mvn package` with an empty local repository, behind one server after the other, until `stop`: it waits until each has had its turn. */
export class MavenBuilds {
  readonly #ended: Promise<BuildsReport>;
  #stopping = false;

  /** @param servers by the names that the report is to have */
  constructor(servers: Readonly<Record<string, Server>>) {
    this.#ended = this.#run(Object.entries(servers));
    // met by whoever stops it
    this.#ended.catch(() => undefined);
  }

  async #run(servers: readonly (readonly [name: string, server: Server])[]): Promise<BuildsReport> {
    await using folder = await temporaryFolder('maven-builds');
    const failures: string[] = [];
    const builds: Record<string, number> = {};
    let downloads = 0;
    for (const [name, server] of servers) {
      builds[name] = 0;
      await writeProject(join(folder.path, name), { artifactId: 'built-meanwhile', version: '1.0' }, server);
    }
    for (let turn = 0; !this.#stopping || turn < servers.length; turn += 1) {
      const [name = ''] = servers[turn % servers.length] ?? [];
      const build = await runMaven(join(folder.path, name), ['package']);
      builds[name] = (builds[name] ?? 0) + 1;
      downloads += build.downloads;
      if (build.exitCode !== 0) failures.push(`behind ${name}: ${build.output.split('\n').slice(-25).join('\n')}`);
    }
    return { builds, downloads, failures };
  }

  stop(): Promise<BuildsReport> {
    this.#stopping = true;
    return this.#ended;
  }
}
