import { Client, type ClientConfig } from 'pg';
import type { DatabaseServer } from '../../contract/index.ts';
import type { ServerChoice } from './server-choice.ts';

/** With others to try, a server that does not answer is given up after this long, milliseconds. */
const patienceMs = 1500;

const servers = new WeakMap<object, DatabaseServer>();

/** The server that a client of `seekingClient` was made for. */
export function serverOf(client: object): DatabaseServer | undefined {
  return servers.get(client);
}

/**
 * A client class for pg's pool whose clients go to the server that is the choice when they are made. node-postgres knows one host only.
 */
export function seekingClient(choice: ServerChoice): new (config?: ClientConfig) => Client {
  return class SeekingClient extends Client {
    readonly #server: DatabaseServer;

    constructor(config: ClientConfig = {}) {
      const server = choice.current;
      const { connectionTimeoutMillis: limit = patienceMs } = config;
      super({
        ...config,
        // the pool hides it from enumeration
        password: config.password,
        host: server.host, port: server.port, connectionTimeoutMillis: choice.count > 1 ? Math.min(patienceMs, limit) : limit,
      });
      this.#server = server;
      servers.set(this, server);
    }

    override connect(): Promise<Client>;
    override connect(done: ((error: Error) => void) | ((error: null, client: Client) => void)): void;
    override connect(done?: (error: never, client: never) => void): Promise<Client> | undefined {
      if (done === undefined) return super.connect();
      super.connect((error: Error | null) => {
        // pg gives its callback null where it has no error, whatever its types say
        if (error !== null && !refusesLogin(error)) choice.failed(this.#server);
        done(error as never, this as never);
      });
      return undefined;
    }
  };
}

/** SQLSTATE class 28: the server is there and does not take this login; 53300: it is full; 3D000: it has no such database. Others would say the same. */
function refusesLogin(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : '';
  return code.startsWith('28') || code === '53300' || code === '3D000';
}
