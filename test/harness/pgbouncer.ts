import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { asDatabaseUser } from './database-user.ts';
import { freePort } from './free-port.ts';
import type { TestPostgres } from './postgres.ts';
import { killAtExit, killTree, waitUntilGone } from './processes.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { waitFor } from './wait-for.ts';

export type PoolMode = 'session' | 'transaction' | 'statement';

export interface Pgbouncer extends AsyncDisposable {
  /** on loopback */
  readonly port: number;
}

/**
 * pgbouncer as Debian ships it, before one database of a server.
 * @param names   databases as its clients name them, and how each shares the server's sessions
 * @param setting a line of its configuration
 */
export async function startPgbouncer(postgres: TestPostgres, database: string, names: Readonly<Record<string, PoolMode>>, setting = ''): Promise<Pgbouncer> {
  const folder = await temporaryFolder('pgbouncer');
  await chmod(folder.path, 0o755);
  const port = await freePort();
  const { host, port: serverPort, user, password } = postgres;
  const file = join(folder.path, 'pgbouncer.ini');
  await writeFile(file, [
    '[databases]', ...Object.entries(names).map(([name, mode]) => `${name} = host=${host} port=${serverPort} dbname=${database} user=${user} password=${password} pool_mode=${mode}`),
    '[pgbouncer]', 'listen_addr = 127.0.0.1', `listen_port = ${port}`, 'unix_socket_dir =', 'auth_type = any', setting, '',
  ].join('\n'), { mode: 0o644 });
  const child = spawn(...asDatabaseUser('/usr/sbin/pgbouncer', [file]), { stdio: 'ignore' });
  killAtExit(child);
  const end = async (): Promise<void> => {
    await waitUntilGone(killTree(child.pid ?? 0));
    await folder.remove();
  };
  try {
    await waitFor('pgbouncer to listen', () => {
      if (child.exitCode !== null) throw new Error('pgbouncer has ended');
      return accepts(port);
    });
  } catch (error) {
    await end();
    throw error;
  }
  return { port, [Symbol.asyncDispose]: end };
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
