import { randomBytes, randomUUID } from 'node:crypto';
import { ClusterKeys, DatabasePasswords } from '../../../server-bundle/security/rotating-secrets.ts';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { FastifyInstance } from 'fastify';
import type { Session } from '../../../server-bundle/cluster/ports.ts';
import { nodeConfig, type NodeConfig } from '../../../server-bundle/config/schema.ts';
import { BulkheadError, type ObservedState } from '../../../server-bundle/contract/index.ts';
import { openFilestore } from '../../../server-bundle/filestore/index.ts';
import { openMetricsRegistry } from '../../../server-bundle/http/open-metrics.ts';
import type { RouteModule } from '../../../server-bundle/http/route-module.ts';
import { routeModules } from '../../../server-bundle/http/routes/index.ts';
import { createHttpServer } from '../../../server-bundle/http/server.ts';
import { openDatabase } from '../../../server-bundle/metadata/connection/database.ts';
import { createFirstAdmin } from '../../../server-bundle/metadata/first-admin.ts';
import type { NodeRuntime } from '../../../server-bundle/node/context.ts';
import { Authenticator } from '../../../server-bundle/security/authenticator.ts';
import { prepareDatabase } from '../../../server-bundle/commands/prepare-database.ts';
import { cheaplyEncoded } from '../../harness/cheap-password.ts';
import { NodeClient } from '../../harness/node-client.ts';
import { startPostgres, type TestPostgres } from '../../harness/postgres.ts';
import { temporaryFolder } from '../../harness/temporary-folder.ts';

export const admin = { user: 'admin', password: 'correct horse battery' } as const;

export interface Route {
  readonly method: string;
  readonly url: string;
  readonly access: 'public' | 'optional' | 'login';
}

/** The HTTP server of one node over a real database, without cluster around it. */
export interface LoneNode extends AsyncDisposable {
  readonly app: FastifyInstance;
  readonly port: number;
  readonly client: NodeClient;
  readonly session: Session;
  readonly postgres: TestPostgres;
  readonly config: NodeConfig;
  /** what was logged, parsed */
  readonly log: Record<string, unknown>[];
  /** everything that it answers */
  readonly routes: readonly Route[];
  /** keys that were prepared, in order */
  readonly prepared: string[];
  state: ObservedState;
}

export async function startLoneNode(http: Partial<NodeConfig['http']> = {}, extra: readonly RouteModule[] = []): Promise<LoneNode> {
  const folder = await temporaryFolder('edge');
  const postgres = await startPostgres();
  const config = nodeConfig.parse({
    node: { id: 'n1', url: 'http://127.0.0.1:1' }, cluster: { keyFile: '/nowhere' }, baseUrl: 'http://127.0.0.1:8080',
    database: { host: postgres.host, port: postgres.port, name: await postgres.createDatabase(), user: postgres.user },
    filestore: { path: join(folder.path, 'files') }, http,
  });
  const database = openDatabase({ database: config.database, passwords: new DatabasePasswords([postgres.password]), name: 'bulkhead:test', max: 5 });
  const { cluster } = await prepareDatabase(database.db, config);
  await createFirstAdmin(database.db, cheaplyEncoded(admin.password));
  const filestore = openFilestore({ path: config.filestore.path });
  await filestore.bind(cluster.id);

  const prepared: string[] = [];
  const { db } = database;
  const session: Session = {
    nodeId: 'n1', incarnation: randomUUID(), db, signal: new AbortController().signal,
    coherence: {
      read: (_key, fill) => fill(db),
      readWithin: (trx) => (_key, fill) => fill(trx),
      snapshot: (body) => body((_key, fill) => fill(db)),
      hot: () => undefined,
      change: (touched, commit) => {
        prepared.push(...touched.keys, ...touched.prefixes ?? []);
        return commit();
      },
      mayAnswer: () => false,
    },
    leadership: { current: () => null, isMaster: () => false, fenced: unavailable, handOver: unavailable },
    events: { publish: () => Promise.resolve() },
  };
  let count = 0;
  const node = { state: 'serving' as ObservedState };
  const runtime: NodeRuntime = {
    state: () => node.state,
    problem: () => null,
    session: () => session,
    takesRequests: () => node.state === 'serving',
    inFlight: { get count() { return count; }, of: () => count, enter: () => { let open = true; count += 1; return () => { if (open) { open = false; count -= 1; } }; } },
    figures: () => ({ pool: database.state(), cachedEntries: 0, caching: false, master: false, epoch: null, clockOffsetMs: null, heartbeatSilenceMs: null, systemDisk: null }),
    view: unavailable, epochs: unavailable, drain: unavailable, undrain: unavailable,
  };
  const log: Record<string, unknown>[] = [];
  const sink = new Writable({ write(chunk: Buffer, _encoding, done) { log.push(JSON.parse(chunk.toString()) as Record<string, unknown>); done(); } });
  const clusterKeys = new ClusterKeys([randomBytes(32)]);
  const authenticator = new Authenticator(clusterKeys);
  const routes: Route[] = [];
  const told = (module: RouteModule): RouteModule => (instance, context) => {
    instance.addHook('onRoute', ({ method, url, config: { access } = {} }) => {
      for (const each of [method].flat()) routes.push({ method: each, url, access: access ?? 'login' });
    });
    return module(instance, context);
  };
  const modules = [...routeModules(authenticator, { clusterKeys, databasePasswords: new DatabasePasswords([]) }), ...extra];
  const app = createHttpServer(
    { config, version: '0.0.0', log: pino({ level: 'debug' }, sink), metrics: openMetricsRegistry(), runtime, filestore, clusterKeys },
    authenticator, modules.map(told),
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const client = new NodeClient(`http://127.0.0.1:${String(port)}`, admin);
  return {
    app, port, client, session, postgres, config, log, routes, prepared,
    get state() { return node.state; },
    set state(state) { node.state = state; },
    async [Symbol.asyncDispose]() {
      await client.close();
      app.server.closeAllConnections();
      await app.close();
      await filestore.close();
      await database.close();
      await postgres.stop();
      await folder.remove();
    },
  };
}

function unavailable(): Promise<never> {
  return Promise.reject(new BulkheadError('NOT_SERVING'));
}
