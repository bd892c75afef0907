import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');

export interface DemoLine {
  readonly balancer: string;
  readonly admin: { readonly user: string; readonly password: string };
}

/** Runs the built command line once; rejects with what it wrote to stderr when it fails. */
export async function bulkhead(environment: NodeJS.ProcessEnv, argv: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(process.execPath, [join(root, 'out/main/cli.js'), ...argv], { env: environment, maxBuffer: 16 * 1024 * 1024 })).stdout;
  } catch (error) {
    throw new Error((error as { stderr?: string }).stderr ?? String(error), { cause: error });
  }
}

/** Starts the demo cluster from the command line, with three nodes and its balancer at `port`. */
export async function startDemo(environment: NodeJS.ProcessEnv, port: number): Promise<DemoLine> {
  return JSON.parse(await bulkhead(environment, ['demo', 'up', '--nodes', '3', '--port', String(port), '--json'])) as DemoLine;
}
