import { pino } from 'pino';
import { openFilestore, type Filestore } from '../filestore/index.ts';
import { openMetricsRegistry } from '../http/open-metrics.ts';
import { routeModules } from '../http/routes/index.ts';
import { createHttpServer } from '../http/server.ts';
import { Calls } from '../node/workers/calls.ts';
import type { NodeServices, Secrets, ToWorker, WorkerServices, WorkerStart } from '../node/workers/messages.ts';
import { metricsFromNode } from '../node/workers/metrics.ts';
import { nodePost, type NodePost } from '../node/workers/node-post.ts';
import { WorkerRuntime } from '../node/workers/worker-runtime.ts';
import { WorkerServer } from '../node/workers/worker-server.ts';
import { Authenticator } from '../security/authenticator.ts';
import { LoginThrottle } from '../security/login-throttle.ts';
import { ClusterKeys, DatabasePasswords } from '../security/rotating-secrets.ts';
import { giveBackMemory } from '../spare-memory.ts';
import { version } from '../version.ts';
import { endOnDefect } from './defects.ts';
import { logOutput, wholeWrites } from './log-output.ts';

/** Names of files that one worker may give before they would meet those of the next. */
const namesEach = 2 ** 32;

const bindAgainMs = 200;

type Take = (message: ToWorker, socket: Parameters<Parameters<NodePost['receive']>[0]>[1]) => void;

/** `bulkhead-node work`: a worker process of a node that was started by `serve`. It does what it is told and ends with its node. */
export function workCommand(): Promise<never> {
  const post = nodePost();
  let take: Take = (message) => {
    if (message.t === 'start') take = begin(message.start, post);
  };
  // nothing that is told meanwhile gets lost: the next message is taken by what this one has made
  post.receive((message, socket) => { take(message, socket); });
  post.send({ t: 'loaded', version });
  return new Promise(() => undefined);
}

const secretsOf = ({ keys, passwords }: Secrets): { keys: Buffer[]; passwords: readonly string[] } => ({ keys: keys.map((key) => Buffer.from(key)), passwords });

/** Until the share is there and answers, this worker has nothing to serve from; its node tells why that is so. */
async function bound(filestore: Pick<Filestore, 'bind'>, clusterId: string): Promise<void> {
  for (;;) {
    try {
      await filestore.bind(clusterId);
      return;
    } catch {
      await new Promise((resolve) => { setTimeout(resolve, bindAgainMs); });
    }
  }
}

/** Makes everything that a worker is, in one turn of the event loop. */
function begin(start: WorkerStart, post: NodePost): Take {
  const { config, ordinal } = start;
  const log = pino({ level: config.log.level, base: { nodeId: config.node.id, worker: ordinal } }, logOutput(wholeWrites));
  endOnDefect(log);
  giveBackMemory(log);
  const filestore = openFilestore({ path: config.filestore.path, countFrom: ordinal * namesEach });
  const first = secretsOf(start);
  const credentials = { clusterKeys: new ClusterKeys(first.keys), databasePasswords: new DatabasePasswords(first.passwords) };
  const throttle = new LoginThrottle();
  throttle.onEvent = (event) => { post.send({ t: 'login', event }); };
  const authenticator = new Authenticator(credentials.clusterKeys, throttle);
  const calls = new Calls<NodeServices, WorkerServices>((message) => { post.send(message); }, {
    prepare: async () => {
      await Promise.all([server.ready(), bound(filestore, start.entry.clusterId)]);
    },
    resize: (max) => runtime.own.pool.resize(max),
    inFlight: (): Promise<number> => Promise.resolve(runtime.inFlight.count),
    pids: () => Promise.resolve(runtime.own.pool.livePids()),
    metrics: () => metrics.getMetricsAsJSON(),
    stop: async (deadlineMs) => {
      await server.stop(runtime.inFlight, deadlineMs);
      await Promise.all([runtime.own.pool.close(), filestore.close()]);
      log.flush();
      process.exit(0);
    },
  });
  const metrics = openMetricsRegistry();
  const runtime: WorkerRuntime = new WorkerRuntime({ start, passwords: credentials.databasePasswords, send: (message) => { post.send(message); }, call: calls.call.bind(calls), log });
  const app = createHttpServer(
    { config, version, log, metrics, runtime, filestore, clusterKeys: credentials.clusterKeys }, authenticator, routeModules(authenticator, credentials),
    ({ seconds, bytesIn, bytesOut }) => { runtime.traffic.finished(seconds * 1000, bytesIn, bytesOut); },
  );
  metricsFromNode(metrics, () => calls.call('metrics'));
  const server = new WorkerServer(app, (message, socket) => { post.send(message, socket); });
  setInterval(() => { post.send({ t: 'report', report: runtime.report() }); }, config.timing.heartbeatMs);

  return (message, socket) => {
    switch (message.t) {
      case 'start':
        break;
      case 'join':
        for (const news of message.reader) runtime.own.coherence.take(news);
        runtime.take(message.node);
        post.send({ t: 'taken', seq: message.seq });
        break;
      case 'reader':
        runtime.own.coherence.take(message.news);
        post.send({ t: 'taken', seq: message.seq });
        break;
      case 'node':
        runtime.take(message.news);
        post.send({ t: 'taken', seq: message.seq });
        break;
      case 'secrets': {
        const { keys, passwords } = secretsOf(message.secrets);
        credentials.clusterKeys.replace(keys);
        credentials.databasePasswords.replace(passwords);
        break;
      }
      case 'connection':
        if (socket !== undefined) server.take(socket);
        break;
      case 'connection-sent':
        server.sent();
        break;
      case 'login':
        throttle.take(message.event);
        break;
      case 'call': case 'answer': case 'failure':
        calls.take(message);
        break;
    }
  };
}
