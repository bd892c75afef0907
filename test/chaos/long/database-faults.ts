import { existsSync } from 'node:fs';
import { Client } from 'pg';
import { startPgbouncer } from '../../harness/pgbouncer.ts';
import { failOver } from './database-failover.ts';
import { proxied, type FaultKind } from './fault.ts';
import type { Room } from './room.ts';

/** A session that is no node's. The server may end it: that is a fault too. */
async function stranger({ cluster }: Room, as: 'superuser' | 'user'): Promise<Client> {
  const { host, port, superuser, user, password } = cluster.postgres;
  const client = new Client({ host, port, ...(as === 'superuser' ? superuser : { user, password }), database: cluster.database, application_name: 'stranger' });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** What strikes the database, or a node's way to it. */
export const databaseFaults: Readonly<Record<string, FaultKind>> = {
  'database-cut': { what: 'connections of a node to the database are reset', lasts: [500, 6000], begin: proxied((room) => room.databases, (proxy) => { proxy.cut(); }) },
  'database-silent': { what: 'half-open: what a node and the database tell each other does not arrive', lasts: [500, 6000], begin: proxied((room) => room.databases, (proxy) => { proxy.hold(); }) },
  'database-slow': { what: 'every word between a node and the database takes 60 ms', lasts: [1000, 5000], begin: proxied((room) => room.databases, (proxy) => { proxy.delay(60); }) },
  'database-kill': {
    what: 'SIGKILL to PostgreSQL and all its sessions', lasts: [0, 4000], shared: 'database',
    async begin({ cluster }) {
      await cluster.postgres.kill();
      return () => cluster.postgres.restart();
    },
  },
  'database-restart': {
    what: 'PostgreSQL is restarted', lasts: [0, 0], shared: 'database',
    async begin({ cluster }) {
      await cluster.postgres.restart();
      return () => Promise.resolve();
    },
  },
  'database-failover': {
    what: 'the primary is killed and its synchronous standby promoted; nodes know both by a list of hosts', lasts: [0, 0], shared: 'database',
    begin: failOver,
  },
  'database-locked': {
    what: 'somebody locks the table of artifacts: all connections of all pools are taken by those who wait', lasts: [500, 4000], shared: 'database',
    async begin(room) {
      const locker = await stranger(room, 'superuser');
      await locker.query('begin');
      await locker.query('lock table artifact in access exclusive mode');
      return () => locker.end();
    },
  },
  'database-full': {
    what: 'strangers take every session that the server has left', lasts: [500, 4000], shared: 'database',
    async begin(room) {
      const taken: Client[] = [];
      for (;;) {
        const client = await stranger(room, 'user').catch(() => null);
        if (client === null) break;
        taken.push(client);
      }
      return async () => { await Promise.all(taken.map((client) => client.end())); };
    },
  },
  'database-pooled': {
    what: 'somebody puts pgbouncer in transaction mode between a node and the database', lasts: [500, 5000],
    missing: () => (existsSync('/usr/sbin/pgbouncer') ? null : 'needs pgbouncer'),
    async begin({ cluster, detour }, node) {
      const pooler = await startPgbouncer(cluster.postgres, cluster.database, { [cluster.database]: 'transaction' }, 'ignore_startup_parameters = options');
      const back = detour(node, pooler.port);
      return async () => {
        back();
        await pooler[Symbol.asyncDispose]();
      };
    },
  },
};
