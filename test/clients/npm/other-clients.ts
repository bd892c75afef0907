import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { NpmHome, NpmResult } from './run-npm.ts';

const run = promisify(execFile);
const versions = { yarn: '1.22.22', pnpm: '10.34.9' } as const;

/** Yarn and pnpm, installed from the registry that npm is configured with, in a folder of their own. */
export class OtherClients {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Null when the registry cannot be reached. */
  static async install(folder: string): Promise<OtherClients | null> {
    const wanted = Object.entries(versions).map(([name, version]) => `${name}@${version}`);
    try {
      await run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--ignore-scripts', '--fetch-retries=1', ...wanted], { timeout: 240_000 });
      return new OtherClients(folder);
    } catch {
      return null;
    }
  }

  /** Runs one with the settings and log-ins of a home. */
  async run(client: keyof typeof versions, home: NpmHome, cwd: string, args: readonly string[]): Promise<NpmResult> {
    return home.with(join(this.#folder, 'node_modules/.bin', client)).run(cwd, args);
  }
}
