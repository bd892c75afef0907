import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { TeamParts } from '../../cluster/session.ts';
import type { NodeConfig } from '../../config/schema.ts';
import type { NodeRates } from '../../contract/index.ts';
import { countSessions, endStrays } from '../../metadata/membership.ts';
import type { LoginThrottle } from '../../security/login-throttle.ts';
import type { ClusterKeys, DatabasePasswords } from '../../security/rotating-secrets.ts';
import type { OtherRequests } from '../in-flight.ts';
import type { Entry } from '../joining.ts';
import { Dispatcher } from './dispatcher.ts';
import type { NodeNews, NodeServices, Secrets } from './messages.ts';
import { metricsFromNode, metricsOfAll } from './metrics.ts';
import { ratesOfAll } from './rates.ts';
import { WorkerTeam } from './team.ts';
import type { WorkerProcess } from './worker-process.ts';
import { configOfWorker } from './worker-config.ts';

/** How a node has its workers. */
export interface WorkersOptions {
  /** more than one */
  readonly count: number;
  readonly hire: () => WorkerProcess;
  /** of this process: logins that workers have decided count here as well */
  readonly throttle: LoginThrottle;
}

export interface CrewOptions {
  readonly workers: WorkersOptions;
  readonly config: NodeConfig;
  readonly version: string;
  readonly metrics: Registry;
  readonly clusterKeys: ClusterKeys;
  readonly databasePasswords: DatabasePasswords;
  readonly log: Logger;
  readonly news: () => NodeNews;
  readonly services: Omit<NodeServices, 'begin' | 'metrics'>;
  readonly mesh: (request: IncomingMessage, socket: Socket, head: Buffer) => void;
}

/** The workers of a node over all its incarnations. Each incarnation has a team of its own, which ends with it. */
export class Crew implements OtherRequests {
  readonly #options: CrewOptions;
  readonly #failures: Counter;
  #team: WorkerTeam | null = null;
  #lastOrdinal = 0;

  constructor(options: CrewOptions) {
    this.#options = options;
    const { workers: { throttle }, metrics } = options;
    const registers = [metrics];
    const ready = (): number => this.#team?.ready().length ?? 0;
    new Gauge({ name: 'bulkhead_workers', help: 'Worker processes that serve', registers, collect() { this.set(ready()); } });
    this.#failures = new Counter({ name: 'bulkhead_worker_failures_total', help: 'Workers that ended without being told to, or did not answer', registers });
    throttle.onEvent = (event) => { this.#team?.tellLogin(event); };
    const own = { getMetricsAsJSON: metrics.getMetricsAsJSON.bind(metrics) };
    metricsFromNode(metrics, async () => metricsOfAll(own, await this.#team?.metrics() ?? []));
  }

  /** Takes the connections that `server` accepts. Call it before the server listens. */
  attach(server: HttpServer): void {
    new Dispatcher(server, () => this.#team?.ready() ?? [], this.#options.config.http.maxConnections);
  }

  /** The workers of an incarnation that begins; the former one's are gone. */
  team(entry: Entry, { incarnation, pool, work, ownPids, announce }: TeamParts): WorkerTeam {
    const { workers, config, version, metrics, log, news, services, mesh } = this.#options;
    const own = configOfWorker(config, workers.count);
    this.#team = new WorkerTeam({
      count: workers.count,
      hire: workers.hire,
      ordinal: () => this.#lastOrdinal += 1,
      // a member that is silent for a TTL is found dead as well
      silenceMs: config.timing.leaseTtlMs,
      publishMs: config.timing.heartbeatMs,
      finishMs: config.timing.drainNoticeMs,
      start: () => ({ ...this.#secrets(), config: own, version, entry }),
      node: news,
      services: { ...services, metrics: () => metrics.metrics() },
      look: announce,
      mesh: ({ url, headers, head }, socket) => { mesh({ method: 'GET', url, headers } as unknown as IncomingMessage, socket, Buffer.from(head)); },
      login: (event) => { workers.throttle.take(event); },
      failed: () => { this.#failures.inc(); },
      own: pool,
      sessionsAtServer: () => countSessions(work.db, incarnation),
      endStrays: (livePids, agoMs) => endStrays(work.db, incarnation, [...ownPids(), ...livePids], agoMs),
      log,
    });
    return this.#team;
  }

  #secrets(): Secrets {
    const { clusterKeys, databasePasswords } = this.#options;
    return { keys: clusterKeys.accepted, passwords: databasePasswords.all };
  }

  /** Keys and passwords were read again. */
  tellSecrets(): void {
    this.#team?.tellSecrets(this.#secrets());
  }

  /** Something of what workers have to know of their node may have changed. */
  publish(): void {
    this.#team?.publish(this.#options.news());
  }

  // --- what they say of themselves

  count(): number {
    return this.#team?.reports().reduce((sum, { inFlight }) => sum + inFlight, 0) ?? 0;
  }

  async ask(): Promise<number> {
    this.publish();
    return await this.#team?.inFlight() ?? 0;
  }

  rates(own: NodeRates): NodeRates {
    return ratesOfAll([own, ...this.#team?.reports().map(({ rates }) => rates) ?? []]);
  }

  /** answers in their caches */
  get cachedEntries(): number {
    return this.#team?.reports().reduce((sum, { cachedEntries }) => sum + cachedEntries, 0) ?? 0;
  }
}
