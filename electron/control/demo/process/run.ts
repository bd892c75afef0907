import { spawn } from 'node:child_process';
import { BulkheadError } from '../../../../server-bundle/contract/index.ts';
import { cannotRun, inheritedEnvironment } from './launch.ts';

/** A program that ends by itself, as a pure value. */
export interface RunSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
}

export interface RunOutcome {
  /** null when a signal ended it */
  readonly exitCode: number | null;
  readonly stdout: string;
  /** the last lines of what it printed on stderr */
  readonly stderr: string;
}

const keptCharacters = 16_000;

/** Runs a program to its end. Throws BINARY_MISSING when it cannot be run, CANCELLED when the signal ended it. */
export async function runToEnd(spec: RunSpec, signal?: AbortSignal): Promise<RunOutcome> {
  const isAborted = (): boolean => signal?.aborted === true;
  if (isAborted()) throw new BulkheadError('CANCELLED');
  const child = spawn(spec.command, spec.args, {
    cwd: '/',
    env: { ...inheritedEnvironment(), LC_ALL: 'C', ...spec.environment },
    windowsHide: true,
    ...(spec.uid === undefined ? {} : { uid: spec.uid }),
    ...(spec.gid === undefined ? {} : { gid: spec.gid }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => { stdout = (stdout + chunk.toString()).slice(-keptCharacters); });
  child.stderr.on('data', (chunk: Buffer) => { stderr = (stderr + chunk.toString()).slice(-keptCharacters); });
  child.stdin.on('error', () => undefined);
  child.stdin.end(spec.input ?? '');
  const onAbort = (): void => { child.kill('SIGKILL'); };
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', (cause: NodeJS.ErrnoException) => reject(cannotRun(spec.command, cause)));
      child.once('close', resolve);
    });
    if (isAborted()) throw new BulkheadError('CANCELLED');
    return { exitCode, stdout, stderr };
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
