import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { killAtExit } from '../harness/processes.ts';
import { waitFor } from '../harness/wait-for.ts';

const root = join(import.meta.dirname, '../..');

/** An environment in which a console and everything it starts keep their things below `folder`. */
export function ownEnvironment(folder: string): NodeJS.ProcessEnv {
  const places = { XDG_DATA_HOME: 'data', XDG_CONFIG_HOME: 'config', XDG_STATE_HOME: 'state', XDG_CACHE_HOME: 'cache', XDG_RUNTIME_DIR: 'run' };
  const environment: NodeJS.ProcessEnv = { ...process.env, HOME: folder };
  for (const [name, place] of Object.entries(places)) {
    environment[name] = join(folder, place);
    mkdirSync(join(folder, place), { recursive: true, mode: 0o755 });
  }
  return environment;
}

export interface RunningConsole {
  /** one-time address, as it was printed */
  readonly address: string;
  /** ends it as a crash would */
  kill(): Promise<void>;
}

/** Starts the built console without a browser and waits for its address. */
export async function startConsole(environment: NodeJS.ProcessEnv): Promise<RunningConsole> {
  const child: ChildProcess = spawn(process.execPath, [join(root, 'out/main/console.js'), '--no-open'], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  killAtExit(child);
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const address = await waitFor('the address of the console', () => {
    if (child.exitCode !== null) throw new Error(`the console ended: ${said}`);
    return /http:\/\/127\.0\.0\.1:\d+\/\S+/.exec(said)?.[0];
  });
  return {
    address,
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Stops the demo cluster and deletes its data, through the command line. */
export async function removeDemo(environment: NodeJS.ProcessEnv): Promise<void> {
  await promisify(execFile)(process.execPath, [join(root, 'out/main/cli.js'), 'demo', 'down'], { env: environment });
}
