import { join } from 'node:path';
import { temporaryFolder } from '../../harness/temporary-folder.ts';
import { writeProject, type Server } from './project.ts';
import { runMaven } from './run-maven.ts';

export interface BuildsReport {
  readonly builds: number;
  /** files that Maven fetched, by its own count */
  readonly downloads: number;
  /** last lines of builds that failed */
  readonly failures: readonly string[];
}

/** `mvn package` with an empty local repository, again and again until `stop`, which waits for the build under way. */
export class MavenBuilds {
  readonly #ended: Promise<BuildsReport>;
  #stopping = false;

  constructor(server: Server) {
    this.#ended = this.#run(server);
    // met by whoever stops it
    this.#ended.catch(() => undefined);
  }

  async #run(server: Server): Promise<BuildsReport> {
    await using folder = await temporaryFolder('maven-builds');
    const project = join(folder.path, 'project');
    await writeProject(project, { artifactId: 'built-meanwhile', version: '1.0' }, server);
    const failures: string[] = [];
    let builds = 0;
    let downloads = 0;
    do {
      const build = await runMaven(project, ['package']);
      builds += 1;
      downloads += build.downloads;
      if (build.exitCode !== 0) failures.push(build.output.split('\n').slice(-25).join('\n'));
    } while (!this.#stopping);
    return { builds, downloads, failures };
  }

  stop(): Promise<BuildsReport> {
    this.#stopping = true;
    return this.#ended;
  }
}
