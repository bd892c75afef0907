import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';

/** Where the demo keeps its data unless told otherwise: the XDG data folder, or what stands for it on the platform. */
export function defaultDemoFolder(): string {
  const { platform, env } = process;
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Bulkhead', 'demo');
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'Bulkhead', 'demo');
  const data = env['XDG_DATA_HOME'];
  return join(data?.startsWith('/') === true ? data : join(homedir(), '.local', 'share'), 'bulkhead', 'demo');
}

/** The places inside one data folder. */
export class DemoFolder {
  readonly path: string;
  readonly layoutFile: string;
  readonly processesFile: string;
  readonly lockFile: string;
  readonly holderFile: string;
  readonly adminFile: string;
  readonly secrets: string;
  readonly postgres: string;
  readonly filestore: string;
  readonly configs: string;
  readonly logs: string;
  readonly compileCache: string;

  constructor(path: string) {
    this.path = resolve(path);
    this.layoutFile = join(this.path, 'demo.json');
    this.processesFile = join(this.path, 'processes.json');
    this.lockFile = join(this.path, 'lock.sqlite');
    this.holderFile = join(this.path, 'lock-holder.json');
    this.adminFile = join(this.path, 'admin.json');
    this.secrets = join(this.path, 'secrets');
    this.postgres = join(this.path, 'postgres');
    this.filestore = join(this.path, 'filestore');
    this.configs = join(this.path, 'configs');
    this.logs = join(this.path, 'logs');
    this.compileCache = join(this.path, 'compile-cache');
  }

  /** @param name "database", "balancer" or a node's id */
  logFile(name: string): string {
    return join(this.logs, `${name}.log`);
  }

  /** @param name "balancer" or a node's id */
  configFile(name: string): string {
    return join(this.configs, `${name}.yaml`);
  }

  /** Everything that may lie in a data folder; a reset deletes these and nothing else. */
  get contents(): readonly string[] {
    return [
      this.layoutFile, this.processesFile, this.adminFile, this.secrets, this.postgres, this.filestore, this.configs, this.logs, this.compileCache,
      join(this.path, 'running.json'), this.holderFile, this.lockFile, `${this.lockFile}-journal`,
    ];
  }

  async exists(): Promise<boolean> {
    return (await this.#names()).length > 0;
  }

  /** Throws ARGUMENT_INVALID for a folder that holds something which is no demo: it would be mixed up with ours. */
  async assertOurs(): Promise<void> {
    const ours = new Set(this.contents.map((path) => path.slice(this.path.length + 1)));
    const stranger = (await this.#names()).find((name) => !ours.has(name) && !name.endsWith('.new'));
    if (stranger === undefined) return;
    throw new BulkheadError('ARGUMENT_INVALID', `${this.path} holds something else than a demo cluster`, {
      details: [{ path: 'dataDir', message: `found "${stranger}"` }], hint: 'Name an empty folder, or one that does not exist yet.',
    });
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw new BulkheadError('ARGUMENT_INVALID', `${this.path} cannot be used as a data folder`, {
        details: [{ path: 'dataDir', message: (error as NodeJS.ErrnoException).code ?? 'unreadable' }], cause: error,
      });
    }
  }
}
