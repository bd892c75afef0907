import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, cp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { findPostgresBinaries, type PostgresBinaries } from '../../electron/control/demo/postgres/binaries.ts';
import { freePort } from './free-port.ts';
import { asDatabaseUser, giveToDatabaseUser } from './database-user.ts';
import { createDataFolder } from './postgres-template.ts';
import { killAtExit, killTree, waitUntilGone } from './processes.ts';
import { temporaryFolder, type TemporaryFolder } from './temporary-folder.ts';
import { waitFor } from './wait-for.ts';

const run = promisify(execFile);

export interface PostgresOptions {
  /** server settings, for example `{ max_connections: 40 }` */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  /** also listens on these addresses, for clients of networks such as "10.0.0.0/24" */
  readonly listen?: { readonly addresses: readonly string[]; readonly allow: readonly string[] };
}

/** A real PostgreSQL server of its own, on loopback, in a temporary folder. */
export interface TestPostgres extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** may create databases and roles of its own rank; no superuser, as no node should be one */
  readonly user: string;
  readonly password: string;
  /** for what only a superuser may look at or change */
  readonly superuser: { readonly user: string; readonly password: string };
  /** A new empty database, owned by `user`; resolves to its name. */
  createDatabase(name?: string): Promise<string>;
  /** One statement as superuser. For the eyes of a test: the product reaches its data through server-bundle/metadata. */
  query(statement: string, database?: string): Promise<Record<string, unknown>[]>;
  /** what the server has logged so far */
  log(): Promise<string>;
  /** SIGKILL to the server and all its sessions: a crash. */
  kill(): Promise<void>;
  /** Starts the server again, on the same port, after `kill`; while it runs it is shut down first. */
  restart(): Promise<void>;
  /** A streaming standby of this server, on a port of its own, that has caught up. Its `stop` is the caller's. */
  standby(): Promise<TestPostgres>;
  /** A standby becomes the primary, on the next timeline. */
  promote(): Promise<void>;
  /** Stops the server and removes its folder; harmless when done before. */
  stop(): Promise<void>;
}

/** Quick, because no test pulls the plug of the machine: a killed process loses nothing that it has written. */
const quick = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'on', shared_buffers: '32MB', max_wal_size: '256MB' };

class Server implements TestPostgres {
  readonly host = '127.0.0.1';
  readonly user = 'bulkhead';
  superuser = { user: '', password: '' };
  #port = 0;
  #child: ChildProcess | undefined;
  #databases = 0;
  readonly #folder: TemporaryFolder;
  readonly #binaries: PostgresBinaries;
  readonly #settings: Record<string, string | number | boolean>;
  readonly #listen: PostgresOptions['listen'];

  constructor(folder: TemporaryFolder, binaries: PostgresBinaries, options: PostgresOptions) {
    this.#folder = folder;
    this.#binaries = binaries;
    this.#settings = { ...options.settings };
    this.#listen = options.listen;
  }

  get password(): string {
    return this.superuser.password;
  }

  get port(): number {
    return this.#port;
  }

  get #data(): string {
    return join(this.#folder.path, 'data');
  }

  get #logFile(): string {
    return join(this.#folder.path, 'postgres.log');
  }

  async initialize(): Promise<void> {
    await giveToDatabaseUser(this.#folder.path);
    this.superuser = await createDataFolder(this.#binaries, this.#data);
    for (const network of this.#listen?.allow ?? []) await appendFile(join(this.#data, 'pg_hba.conf'), `host all all ${network} scram-sha-256\n`);
    await this.#start();
    await this.query(`create role ${this.user} login createdb password '${this.password}'`);
  }

  async standby(): Promise<TestPostgres> {
    const standby = new Server(await temporaryFolder('postgres'), this.#binaries, { settings: this.#settings });
    try {
      await standby.#follow(this);
      return standby;
    } catch (error) {
      await standby.stop();
      throw error;
    }
  }

  /** A low-level base backup (PostgreSQL 18, section 25.3.4), which needs no program beyond the server's own. */
  async #follow(primary: Server): Promise<void> {
    this.superuser = primary.superuser;
    await giveToDatabaseUser(this.#folder.path);
    const client = new Client({ host: primary.host, port: primary.port, ...primary.superuser, database: 'postgres' });
    await client.connect();
    try {
      // as long as the slot is there, nothing that the copy needs is recycled
      await client.query("select pg_create_physical_replication_slot('standby', true)");
      await client.query("select pg_backup_start('standby', true)");
      await cp(primary.#data, this.#data, { recursive: true });
      for (const file of ['postmaster.pid', 'postmaster.opts']) await rm(join(this.#data, file), { force: true });
      const { rows: [backup] } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)');
      await writeFile(join(this.#data, 'backup_label'), backup?.labelfile ?? '');
    } finally {
      await client.end();
    }
    const { user, password } = this.superuser;
    await appendFile(join(this.#data, 'postgresql.auto.conf'),
      `primary_conninfo = 'host=${primary.host} port=${String(primary.port)} user=${user} password=${password} application_name=standby'\nprimary_slot_name = 'standby'\n`);
    await writeFile(join(this.#data, 'standby.signal'), '');
    if (process.getuid?.() === 0) await run('chown', ['-R', '65534:65534', this.#data]);
    await this.#start();
    await waitFor('the standby to follow', async () => (await primary.query("select 1 from pg_stat_replication where state = 'streaming'")).length === 1);
  }

  async promote(): Promise<void> {
    await this.query('select pg_promote(true)');
  }

  async #start(): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      // a port stays the same over restarts; only the first start may look for another when somebody was quicker
      if (this.#port === 0) this.#port = await freePort(this.host);
      if (await this.#startOn(this.#port)) return;
      const log = await readFile(this.#logFile, 'utf8').catch(() => '');
      if (this.#databases > 0 || attempt === 5 || !log.includes('could not bind')) {
        throw new Error(`PostgreSQL did not start:\n${log.slice(-2000)}`);
      }
      this.#port = 0;
    }
  }

  /** False when the server ended instead of serving. */
  async #startOn(port: number): Promise<boolean> {
    const settings = {
      ...quick, ...this.#settings,
      port, listen_addresses: [this.host, ...this.#listen?.addresses ?? []].join(','), unix_socket_directories: '', logging_collector: false,
    };
    const [command, args] = asDatabaseUser(this.#binaries.postgres, [
      '-D', this.#data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${String(value)}`]),
    ]);
    const log = await open(this.#logFile, 'a');
    const child = spawn(command, args, { cwd: '/', env: { ...process.env, LC_ALL: 'C' }, stdio: ['ignore', log.fd, log.fd] });
    await once(child, 'spawn');
    await log.close();
    killAtExit(child);
    this.#child = child;
    return waitFor<'serving' | 'ended'>('PostgreSQL to serve', async () => {
      if (child.exitCode !== null || child.signalCode !== null) return 'ended';
      await this.query('select 1');
      return 'serving';
    }).then((state) => state === 'serving');
  }

  async query(statement: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
    const client = new Client({ host: this.host, port: this.#port, ...this.superuser, database });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(statement)).rows;
    } finally {
      await client.end();
    }
  }

  async createDatabase(name = `test_${String(this.#databases + 1)}`): Promise<string> {
    if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new Error(`not a plain database name: ${name}`);
    this.#databases += 1;
    await this.query(`create database ${name} owner ${this.user}`);
    return name;
  }

  log(): Promise<string> {
    return readFile(this.#logFile, 'utf8').catch(() => '');
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined) return;
    await waitUntilGone(killTree(child.pid));
    this.#child = undefined;
  }

  async restart(): Promise<void> {
    await this.#shutDown();
    await this.#start();
  }

  async #shutDown(): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined) return;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      await ended;
    }
    this.#child = undefined;
  }

  async stop(): Promise<void> {
    await this.kill();
    await this.#folder.remove();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** Starts a server (about a second). Whatever happens, it ends with this process and its folder is removed. */
export async function startPostgres(options: PostgresOptions = {}): Promise<TestPostgres> {
  const server = new Server(await temporaryFolder('postgres'), await findPostgresBinaries(), options);
  try {
    await server.initialize();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}
