import { Client, type ClientConfig } from 'pg';
import { identityColumns } from './identity.ts';
import type { AskServer } from './server-choice.ts';

/** A server that says nothing for this long is passed over, milliseconds. */
const patienceMs = 1500;

/** Asks a server what it is, on a connection of its own that ends with the answer. */
export function askServer(config: ClientConfig): AskServer {
  return async ({ host, port }) => {
    const client = new Client({ ...config, host, port, connectionTimeoutMillis: patienceMs, query_timeout: patienceMs });
    // its socket may break when nobody waits for it
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ timeline: number; recovering: boolean }>(`select pg_is_in_recovery() as recovering, ${identityColumns}`);
      const [row] = rows;
      return row === undefined || row.recovering ? null : row.timeline;
    } finally {
      await client.end().catch(() => undefined);
    }
  };
}
