import { chown, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BulkheadError } from '../../../../server-bundle/contract/index.ts';
import { conditionOf, sendSignal, waitForEnd, type LaunchSpec, type ProcessIdentity } from '../process/index.ts';
import { chooseAccount, commandAs, type DatabaseAccount } from './account.ts';
import { findPostgresBinaries, type PostgresBinaries } from './binaries.ts';
import { initializeDatabase, unfinishedName, type InitialDatabase } from './initialize.ts';

/** Longest path of a Unix socket, unix(7), without the file name that PostgreSQL appends. */
const longestSocketFolder = 107 - '/.s.PGSQL.65535.lock'.length;

/**
 * A PostgreSQL server in a folder of its own, on loopback and on a socket in that folder. It makes command lines and
 * reads the server's state; starting the process is for whoever keeps account of processes.
 */
export class PostgresServer {
  readonly data: string;
  /** the data while they are being made */
  readonly unfinished: string;
  readonly #folder: string;
  readonly #binaries: PostgresBinaries;
  readonly #account: DatabaseAccount | null;

  private constructor(folder: string, binaries: PostgresBinaries, account: DatabaseAccount | null) {
    this.#folder = folder;
    this.#binaries = binaries;
    this.#account = account;
    this.data = join(folder, 'data');
    this.unfinished = join(folder, unfinishedName);
  }

  /** @param folder made when it is not there; holds data and socket. Throws BINARY_MISSING, PLATFORM_UNSUPPORTED. */
  static async in(folder: string): Promise<PostgresServer> {
    const binaries = await findPostgresBinaries();
    await mkdir(folder, { recursive: true, mode: 0o711 });
    const data = join(folder, 'data');
    return new PostgresServer(folder, binaries, await chooseAccount(data, [binaries.postgres, data]));
  }

  async isInitialized(): Promise<boolean> {
    return stat(join(this.data, 'PG_VERSION')).then(() => true, () => false);
  }

  /** About a second. Does nothing when there is a database already. */
  async initialize(initial: InitialDatabase, signal?: AbortSignal): Promise<void> {
    if (await this.isInitialized()) return;
    await initializeDatabase(this.#binaries, this.#account, this.#folder, initial, signal);
  }

  /** Prepares the socket folder and says how to start the server. */
  async command(port: number, settings: Readonly<Record<string, string | number>>, logFile: string): Promise<LaunchSpec> {
    const all = { listen_addresses: '127.0.0.1', unix_socket_directories: await this.#socketFolder(), ...settings };
    const parameters = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const { command, args, uid, gid } = commandAs(this.#account, this.#binaries.postgres, ['-D', this.data, '-p', String(port), ...parameters]);
    return {
      command, args, cwd: '/', logFile, environment: { LC_ALL: 'C' },
      ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }),
    };
  }

  /** True once this very process takes connections; false when it has ended instead. Throws CANCELLED on abort. */
  async untilReady(server: ProcessIdentity, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    const end = performance.now() + timeoutMs;
    while (performance.now() < end) {
      if (signal?.aborted === true) throw new BulkheadError('CANCELLED');
      if ((await conditionOf(server)) === 'stopped') return false;
      if (await this.#isReady(server.pid)) return true;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return false;
  }

  /** Ends sessions and writes everything down ("fast" shutdown, SIGINT); SIGKILL when that takes longer than `timeoutMs`. */
  async stop(server: ProcessIdentity, timeoutMs: number): Promise<void> {
    await sendSignal(server, 'SIGCONT');
    await sendSignal(server, 'SIGINT');
    if (await waitForEnd(server, timeoutMs)) return;
    await sendSignal(server, 'SIGKILL');
    await waitForEnd(server, 5000);
  }

  /** postmaster.pid: the pid in line 1, "ready" in line 8 once connections are taken (src/include/utils/pidfile.h). */
  async #isReady(pid: number): Promise<boolean> {
    const lines = (await readFile(join(this.data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
    return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
  }

  async #socketFolder(): Promise<string> {
    const folder = join(this.#folder, 'socket');
    if (process.platform === 'win32' || Buffer.byteLength(folder) > longestSocketFolder) return '';
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { mode: 0o700 });
    if (this.#account !== null) await chown(folder, this.#account.uid, this.#account.gid);
    return folder;
  }
}
