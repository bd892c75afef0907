import { spawn } from 'node:child_process';
import { open, rename, stat } from 'node:fs/promises';
import { BulkheadError } from '../../../../server-bundle/contract/index.ts';

/** A program to run, as a pure value: commands are built in one place and run in another. */
export interface LaunchSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** receives what the program prints; appended */
  readonly logFile: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
}

/** Starts programs that outlive whoever started them. Shells with a runtime of their own may bring another. */
export interface ProcessLauncher {
  launch(spec: LaunchSpec): Promise<{ pid: number }>;
}

const rotateAtBytes = 8 * 1024 * 1024;

/** Runs a program detached, in a session of its own, so that it survives this one and gets none of its signals. */
export const detachedLauncher: ProcessLauncher = {
  async launch(spec) {
    await rotate(spec.logFile);
    const log = await open(spec.logFile, 'a', 0o640);
    try {
      const child = spawn(spec.command, spec.args, {
        cwd: spec.cwd,
        detached: true,
        windowsHide: true,
        stdio: ['ignore', log.fd, log.fd],
        env: { ...inheritedEnvironment(), ...spec.environment },
        ...(spec.uid === undefined ? {} : { uid: spec.uid }),
        ...(spec.gid === undefined ? {} : { gid: spec.gid }),
      });
      const pid = await new Promise<number>((resolve, reject) => {
        child.once('error', (cause: NodeJS.ErrnoException) => reject(cannotRun(spec.command, cause)));
        child.once('spawn', () => resolve(child.pid ?? 0));
      });
      child.unref();
      return { pid };
    } finally {
      await log.close();
    }
  },
};

export function cannotRun(command: string, cause: NodeJS.ErrnoException): BulkheadError {
  return new BulkheadError('BINARY_MISSING', `${command} cannot be run (${cause.code ?? 'unknown'})`, {
    details: { program: command, reason: cause.code }, hint: 'Check that the program is there and may be executed.', cause,
  });
}

async function rotate(logFile: string): Promise<void> {
  const size = await stat(logFile).then((found) => found.size, () => 0);
  if (size > rotateAtBytes) await rename(logFile, `${logFile}.1`);
}

/** What a program needs to run at all, and nothing of the user's that may be a secret. */
export function inheritedEnvironment(): Record<string, string> {
  const names = ['PATH', 'HOME', 'USER', 'LANG', 'TZ', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'SystemDrive', 'APPDATA', 'LOCALAPPDATA'];
  const environment: Record<string, string> = {};
  for (const name of names) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return environment;
}
