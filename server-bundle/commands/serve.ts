import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { loadNodeConfig } from '../config/load.ts';
import type { NodeConfig } from '../config/schema.ts';
import { BulkheadError } from '../contract/index.ts';
import { openFilestore } from '../filestore/index.ts';
import { openMetricsRegistry } from '../http/open-metrics.ts';
import { routeModules } from '../http/routes/index.ts';
import { createHttpServer } from '../http/server.ts';
import { createRuntime } from '../node/runtime.ts';
import { Authenticator } from '../security/authenticator.ts';
import { version } from '../version.ts';
import { databasePassword } from './database.ts';
import { prepareDatabase } from './prepare-database.ts';
import { stopOnSignal } from './stop-signals.ts';

/**
 * `bulkhead-node serve`: listens at once, joins the cluster as soon as the database can be reached, and resolves when a signal has
 * ended it.
 * @throws CONFIG_INVALID, PORT_IN_USE
 */
export async function serveCommand(configFile: string): Promise<void> {
  const config = await loadNodeConfig(configFile);
  const log = pino({ level: config.log.level, base: { nodeId: config.node.id } });
  const filestore = openFilestore({ path: config.filestore.path });
  const metrics = openMetricsRegistry();
  const authenticator = new Authenticator();
  const password = await databasePassword(config);
  const runtime = createRuntime({
    config, version, log, metrics,
    clusterKey: Buffer.from((await readFile(config.cluster.keyFile, 'utf8')).trim(), 'base64'),
    ...(password === undefined ? {} : { databasePassword: password }),
    prepareDatabase: async (db) => {
      const report = await prepareDatabase(db, config);
      if (report.applied.length > 0 || report.created) log.info({ applied: report.applied, schema: report.schema, created: report.created, cluster: report.cluster }, 'database prepared');
    },
    bindFilestore: (clusterId) => filestore.bind(clusterId),
    filestoreState: () => filestore.state(),
  });
  const app = createHttpServer({ config, version, log, metrics, runtime, filestore }, authenticator, routeModules(authenticator));
  runtime.attach(app.server);
  await listen(app, config);
  log.info({ version, url: config.node.url, pid: process.pid, node: process.versions.node }, 'listening');
  await runtime.start();
  await stopOnSignal(log, () => runtime.stop());
  await app.close();
  await filestore.close();
  log.info('stopped');
}

async function listen(app: FastifyInstance, config: NodeConfig): Promise<void> {
  const { host, port } = config.node.listen;
  try {
    await app.listen({ host, port });
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || (error.code !== 'EADDRINUSE' && error.code !== 'EACCES')) throw error;
    throw new BulkheadError('PORT_IN_USE', `${host}:${String(port)} cannot be listened on (${error.code})`, { cause: error });
  }
}
