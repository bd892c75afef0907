import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { projectRoot } from '../../scripts/build.ts';
import { killAtExit } from '../harness/processes.ts';

export interface CliAnswer {
  /** what `--json` printed */
  readonly answer: unknown;
  readonly exitCode: number | null;
  /** what was complained about, and what `NODE_DEBUG=bulkhead` adds to it */
  readonly said: string;
}

/** `bulkhead …`, as a process of its own on the state that the environment leads to. */
export function startCli(environment: NodeJS.ProcessEnv, ...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [join(projectRoot, 'test/lab/cli-process.ts'), ...args], { env: { ...environment, NODE_DEBUG: 'bulkhead' }, stdio: ['ignore', 'pipe', 'pipe'] });
  killAtExit(child);
  return child;
}

/** Runs one command to its end. Throws when it printed no JSON. */
export async function cliAnswer(environment: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<CliAnswer> {
  const child = startCli(environment, ...args, '--json');
  const exited = once(child, 'exit');
  const [out, said] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
  const [exitCode] = await exited as [number | null];
  try {
    return { answer: JSON.parse(out) as unknown, exitCode, said };
  } catch (error) {
    throw new Error(`${args.join(' ')} said: ${out}${said}`, { cause: error });
  }
}
