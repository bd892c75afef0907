import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { AlertFigures, watchAlerts } from '../alerts/index.ts';
import { loadNodeConfig } from '../config/load.ts';
import { openFilestore } from '../filestore/index.ts';
import { alertMetrics } from '../http/alert-metrics.ts';
import { listenOn } from '../http/listen.ts';
import { openMetricsRegistry } from '../http/open-metrics.ts';
import type { FinishedRequest } from '../http/request-log.ts';
import { routeModules } from '../http/routes/index.ts';
import { createHttpServer } from '../http/server.ts';
import { resealUpstreamPasswords } from '../repositories/upstream/reseal-passwords.ts';
import { createRuntime, type Runtime } from '../node/runtime.ts';
import { workerCount } from '../node/workers/worker-config.ts';
import { workerProcesses } from '../node/workers/worker-process.ts';
import { Authenticator } from '../security/authenticator.ts';
import { LoginThrottle } from '../security/login-throttle.ts';
import { runTasks, sweepIncarnation } from '../tasks/index.ts';
import { giveBackMemory } from '../spare-memory.ts';
import { version } from '../version.ts';
import { readCredentials, reloadOnHangup } from './credentials.ts';
import { prepareDatabase } from './prepare-database.ts';
import { endOnDefect } from './defects.ts';
import { logOutput, wholeWrites } from './log-output.ts';
import { stopOnSignal } from './stop-signals.ts';

/** For answers that are on their way when the server closes. */
const lastAnswersMs = 500;

/**
 * `bulkhead-node serve`: listens at once, joins the cluster as soon as the database can be reached, and resolves when a signal has
 * ended it.
 * @throws CONFIG_INVALID, PORT_IN_USE
 */
export async function serveCommand(configFile: string): Promise<void> {
  const config = await loadNodeConfig(configFile);
  const workers = workerCount(config);
  const log = pino({ level: config.log.level, base: { nodeId: config.node.id } }, workers === 0 ? logOutput() : logOutput(wholeWrites));
  endOnDefect(log);
  const filestore = openFilestore({ path: config.filestore.path });
  const metrics = openMetricsRegistry();
  const credentials = await readCredentials(config);
  const throttle = new LoginThrottle();
  const authenticator = new Authenticator(credentials.clusterKeys, throttle);
  const figures = new AlertFigures();
  alertMetrics(metrics, figures);
  const masterWork = [
    runTasks(filestore, config, log), resealUpstreamPasswords(credentials.clusterKeys, log.child({ part: 'upstreams' })),
    watchAlerts({ config, clusterKeys: credentials.clusterKeys, log: log.child({ part: 'alerts' }), figures }),
  ];
  const runtime = createRuntime({
    config, version, log, metrics,
    ...credentials,
    ...(workers === 0 ? {} : { workers: { count: workers, hire: workerProcesses(), throttle } }),
    prepareDatabase: async (db) => {
      const report = await prepareDatabase(db, config);
      if (report.applied.length > 0 || report.created) log.info({ applied: report.applied, schema: report.schema, created: report.created, cluster: report.cluster }, 'database prepared');
    },
    bindFilestore: (clusterId) => filestore.bind(clusterId),
    filestoreState: () => filestore.state(),
    onGone: async (session, incarnation) => {
      await sweepIncarnation(filestore, session, incarnation);
    },
    onMaster: (session, signal) => {
      for (const begin of masterWork) begin(session, signal);
    },
  });
  const app = createHttpServer({ config, version, log, metrics, runtime, filestore, clusterKeys: credentials.clusterKeys }, authenticator, routeModules(authenticator, credentials), traffic(runtime));
  runtime.attach(app.server);
  await listenOn(app, config.node.listen);
  log.info({ version, url: config.node.url, pid: process.pid, workers, node: process.versions.node }, 'listening');
  await runtime.start();
  giveBackMemory(log);
  const endReload = reloadOnHangup(configFile, credentials, log, () => { runtime.credentialsChanged(); });
  await stopOnSignal(log, () => runtime.stop());
  endReload();
  await closeServer(app);
  await filestore.close();
  log.info('stopped');
}

/** Ends what still hangs on a connection (event streams) shortly after nothing new is accepted. */
async function closeServer(app: FastifyInstance): Promise<void> {
  const cut = setTimeout(() => { app.server.closeAllConnections(); }, lastAnswersMs);
  await app.close();
  clearTimeout(cut);
}

/** For the rates that this node tells of itself. */
function traffic(runtime: Runtime): (finished: Pick<FinishedRequest, 'seconds' | 'bytesIn' | 'bytesOut'>) => void {
  return ({ seconds, bytesIn, bytesOut }) => { runtime.traffic.finished(seconds * 1000, bytesIn, bytesOut); };
}
