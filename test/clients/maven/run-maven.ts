import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { temporaryFolder } from '../../harness/temporary-folder.ts';
import { killAtExit } from '../../harness/processes.ts';

export interface MavenResult {
  readonly exitCode: number | null;
  readonly output: string;
  /** files that Maven fetched from the repository, by its own count */
  readonly downloads: number;
}

/** Runs Maven with an empty local repository and without any retry of its own: what fails is seen to fail. */
export async function runMaven(project: string, goals: readonly string[]): Promise<MavenResult> {
  await using local = await temporaryFolder('maven-local');
  return await runMavenWith(local.path, project, goals);
}

/** The same with a local repository that keeps what it has, for a test that is about something else than downloads. @param local of one build at a time */
export async function runMavenWith(local: string, project: string, goals: readonly string[]): Promise<MavenResult> {
  const child = spawn('mvn', [
    '-B', '-s', join(project, 'settings.xml'), `-Dmaven.repo.local=${local}`, `-Duser.home=${local}`,
    '-Dmaven.wagon.http.retryHandler.count=0', '-Daether.connector.http.retryHandler.count=0', ...goals,
  ], { cwd: project, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LC_ALL: 'C', MAVEN_OPTS: '-XX:TieredStopAtLevel=1 -Xshare:auto' } });
  killAtExit(child);
  const [output, errors, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit') as Promise<[number | null]>]);
  return { exitCode, output: output + errors, downloads: output.match(/^\[INFO\] Downloaded from |^Downloaded from /gm)?.length ?? 0 };
}
