import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { waitFor } from '../harness/wait-for.ts';
import type { LabHost } from './host.ts';

/** What a cluster needs of a database, wherever it runs. */
export interface LabDatabase {
  readonly port: number;
  /** may create databases; no superuser, as no node should be one */
  readonly user: string;
  readonly password: string;
  /** A new empty database, owned by `user`; resolves to its name. */
  createDatabase(name?: string): Promise<string>;
  /** One statement as superuser. */
  query(statement: string, database?: string): Promise<Record<string, unknown>[]>;
}

/**
 * Debian's own PostgreSQL on a host of the lab. It starts when its host does. Its disk is memory of this machine: what was written
 * when the power went stays, synced or not.
 */
export class DatabaseHost implements LabDatabase {
  readonly host: LabHost;
  readonly port = 5432;
  readonly user = 'bulkhead';
  readonly password: string;
  #databases = 0;
  #version = '';

  /** @param password of the superuser too; the same on all servers of one database */
  constructor(host: LabHost, password: string) {
    this.host = host;
    this.password = password;
  }

  get address(): string {
    return this.host.address;
  }

  /** Before the host boots. @param networks of those who may sign in */
  async prepare(networks: readonly string[]): Promise<void> {
    const [version] = await readdir(join(this.host.root, 'etc/postgresql'));
    if (version === undefined) throw new Error(`no PostgreSQL is installed on ${this.host.name}`);
    this.#version = version;
    await appendFile(join(this.host.root, this.#settings, 'postgresql.conf'), "listen_addresses = '*'\n");
    const allowed = networks.flatMap((network) => [`host all all ${network} scram-sha-256`, `host replication postgres ${network} scram-sha-256`]);
    await this.host.write(`${this.#settings}/pg_hba.conf`, ['local all postgres peer', ...allowed, ''].join('\n'));
  }

  /** Once the host has booted: makes the accounts. */
  async open(): Promise<void> {
    await waitFor(`PostgreSQL on ${this.host.name}`, () => this.#locally(`alter role postgres password '${this.password}'`).then(() => true), { everyMs: 100 });
    await this.#locally(`create role ${this.user} login createdb password '${this.password}'`);
  }

  /**
   * Throws away what it holds and follows `primary` from now on; resolves when it has caught up.
   * @param synchronous whether the primary's commits wait for it
   */
  async follow(primary: DatabaseHost, { synchronous }: { readonly synchronous: boolean }): Promise<void> {
    const { name } = this.host;
    const folder = `/var/lib/postgresql/${this.#version}/main`;
    await this.service('stop');
    await this.host.write('var/lib/postgresql/.pgpass', `*:*:*:*:${primary.password}\n`, 0o600);
    await this.host.run('chown', 'postgres:postgres', '/var/lib/postgresql/.pgpass');
    await this.host.run('rm', '-rf', folder);
    await this.host.run('runuser', '-u', 'postgres', '--', 'env', 'HOME=/var/lib/postgresql', 'pg_basebackup', '--dbname', `host=${primary.address} user=postgres application_name=${name}`,
      '--pgdata', folder, '--write-recovery-conf', '--checkpoint', 'fast', '--slot', name, '--create-slot');
    await this.service('start');
    await waitFor(`${name} to follow`, async () => (await primary.query(`select from pg_stat_replication where application_name = '${name}' and state = 'streaming'`)).length === 1);
    if (synchronous) await primary.waitForStandbys(`ANY 1 ("${name}")`);
    this.#databases = primary.#databases;
  }

  /** @param names for synchronous_standby_names; empty: commits wait for nobody */
  async waitForStandbys(names: string): Promise<void> {
    await this.query(`alter system set synchronous_standby_names = '${names}'`);
    await this.query('select pg_reload_conf()');
    await waitFor('the standby to be waited for', async () => (await this.query("select from pg_stat_replication where sync_state in ('sync', 'quorum')")).length > 0 === (names !== ''));
  }

  /** From a standby to the primary, on the next timeline; it waits for no standby of its own. */
  async promote(): Promise<void> {
    await this.#locally("alter system set synchronous_standby_names = ''");
    await this.#locally('select pg_promote(true)');
  }

  /** Ends or starts the service in order, as an administrator would. */
  async service(verb: 'start' | 'stop' | 'restart'): Promise<void> {
    // the one that Debian's package makes when it is installed
    await this.host.run('systemctl', verb, `postgresql@${this.#version}-main.service`);
  }

  async createDatabase(name = `test_${String(this.#databases + 1)}`): Promise<string> {
    if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new Error(`not a plain database name: ${name}`);
    this.#databases += 1;
    await this.query(`create database ${name} owner ${this.user}`);
    return name;
  }

  async query(statement: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
    const client = new Client({ host: this.address, port: this.port, user: 'postgres', password: this.password, database, connectionTimeoutMillis: 5000 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(statement)).rows;
    } finally {
      await client.end();
    }
  }

  /** Over the host's own socket, which asks for no password. */
  async #locally(statement: string): Promise<void> {
    await this.host.run('runuser', '-u', 'postgres', '--', 'psql', '--no-psqlrc', '--quiet', '--set', 'ON_ERROR_STOP=1', '--command', statement);
  }

  get #settings(): string {
    return `etc/postgresql/${this.#version}/main`;
  }
}
