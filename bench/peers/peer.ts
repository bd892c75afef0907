import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pinned, type Cores } from '../framework/cores.ts';
import { killAtExit, killTree, waitUntilGone } from '../../test/harness/processes.ts';
import { waitFor } from '../../test/harness/wait-for.ts';

/** A server of somebody else, started for one row. */
export interface Peer extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

/** A committed configuration with its `{names}` filled in. @throws for a name that is not given */
export async function filled(file: string, values: Readonly<Record<string, string>>): Promise<string> {
  const template = await readFile(join(import.meta.dirname, file), 'utf8');
  return template.replace(/\{([a-z]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${file} asks for ${name}`);
    return value;
  });
}

export interface ProcessSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly core?: keyof Cores;
  readonly env?: Readonly<Record<string, string>>;
  /** an address that answers with anything once it serves */
  readonly url: string;
}

/** Starts a server and waits until it answers. What it prints is in `output.log` of its folder. */
export async function startPeer({ command, args, folder, core = 'server', env = {}, url }: ProcessSpec): Promise<{ readonly pid: number; stop(): Promise<void> }> {
  const log = await open(join(folder, 'output.log'), 'a');
  const [pinnedCommand, pinnedArgs] = pinned(core, command, args);
  const child: ChildProcess = spawn(pinnedCommand, pinnedArgs, { cwd: folder, stdio: ['ignore', log.fd, log.fd], env: { ...process.env, ...env } });
  await once(child, 'spawn');
  await log.close();
  killAtExit(child);
  const pid = child.pid ?? 0;
  const stop = async (): Promise<void> => { await waitUntilGone(killTree(pid)); };
  try {
    await waitFor(`${command} to answer at ${url}`, async () => {
      if (child.exitCode !== null) throw new Error(`it has ended: ${(await readFile(join(folder, 'output.log'), 'utf8')).slice(-1000)}`);
      await (await fetch(url, { signal: AbortSignal.timeout(5000) })).arrayBuffer();
      return true;
    }, { timeoutMs: 30_000 });
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid, stop };
}
