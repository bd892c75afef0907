import { once } from 'node:events';
import type { Server } from 'node:http';
import type { BlockList } from 'node:net';
import type { Logger } from 'pino';
import { backlog } from '../backlog.ts';
import { BulkheadError, type BalancerStatus } from '../contract/index.ts';
import { Backends } from './backends.ts';
import { Totals, type Balancing } from './balancing.ts';
import { clientServer } from './client-server.ts';
import type { BalancerConfig } from './config.ts';
import { HealthChecks } from './health.ts';
import { statusServer } from './status-server.ts';
import { trustedProxies } from './trusted-proxies.ts';

/** The embedded balancer: one listening server in front of the nodes of one cluster. */
export class Balancer implements Balancing {
  readonly backends = new Backends();
  readonly totals = new Totals();
  readonly health: HealthChecks;
  readonly log: Logger;
  config: BalancerConfig;
  trusted: BlockList;
  stopping = false;
  readonly #startedAt = Date.now();
  readonly #server: Server;
  #status: Server | undefined;
  #marks: NodeJS.Timeout | undefined;

  constructor(config: BalancerConfig, log: Logger) {
    this.config = config;
    this.trusted = trustedProxies(config.trustedProxies);
    this.log = log;
    this.health = new HealthChecks(this.backends, () => this.config.health, log);
    this.#server = clientServer(this);
  }

  /** The port that is listened on, also when the configuration asked for any free one. */
  get port(): number {
    const address = this.#server.address();
    return address === null || typeof address === 'string' ? this.config.listen.port : address.port;
  }

  /** @throws PORT_IN_USE */
  async start(): Promise<void> {
    this.apply(this.config);
    await listen(this.#server, this.config.listen);
    if (this.config.status !== undefined) {
      this.#status = statusServer(() => this.status());
      await listen(this.#status, this.config.status);
    }
    this.#marks = setInterval(() => {
      const now = performance.now();
      for (const meter of [this.totals.meter, ...this.backends.all.map((backend) => backend.meter)]) meter.mark(now);
    }, 250);
  }

  /** Takes a changed configuration over, except for the addresses it listens on. */
  apply(config: BalancerConfig): void {
    const moved = JSON.stringify([config.listen, config.status]) !== JSON.stringify([this.config.listen, this.config.status]);
    if (moved) this.log.warn('the listening addresses take effect with a new start only');
    this.config = { ...config, listen: this.config.listen, status: this.config.status };
    this.trusted = trustedProxies(config.trustedProxies);
    this.backends.configure(config.backends, config.limits);
    this.health.follow();
  }

  /** Takes no new connections, finishes what is under way (until the deadline), lets go of everything. */
  async stop(hurry: AbortSignal): Promise<void> {
    this.stopping = true;
    const closed = once(this.#server, 'close');
    this.#server.close();
    // answers that began before do not say "Connection: close": their connections become idle one after the other
    const idle = setInterval(() => { this.#server.closeIdleConnections(); }, 50);
    const limit = AbortSignal.any([hurry, AbortSignal.timeout(this.config.limits.stopDeadlineMs)]);
    const cut = (): void => { this.#server.closeAllConnections(); };
    if (limit.aborted) cut();
    else limit.addEventListener('abort', cut, { once: true });
    await closed;
    clearInterval(idle);
    limit.removeEventListener('abort', cut);
    clearInterval(this.#marks);
    this.#status?.close();
    this.#status?.closeAllConnections();
    await this.health.stop();
    await this.backends.destroy();
  }

  status(): BalancerStatus {
    const { totals } = this;
    return {
      apiVersion: 1,
      at: Date.now(),
      startedAt: this.#startedAt,
      pid: process.pid,
      listen: { host: this.config.listen.host, port: this.port },
      backends: this.backends.all.map((backend) => ({
        nodeId: backend.nodeId,
        url: backend.url,
        health: backend.health,
        ...backend.meter.rates(),
        inFlight: backend.attempts.size,
        requests: backend.meter.requests,
        retries: backend.retries,
        failures: backend.failures,
      })),
      totals: {
        ...totals.meter.rates(),
        inFlight: totals.inFlight,
        requests: totals.meter.requests,
        retries: totals.retries,
        resumed: totals.resumed,
        failed: totals.failed,
      },
    };
  }
}

async function listen(server: Server, address: { readonly host: string; readonly port: number }): Promise<void> {
  server.listen({ ...address, backlog });
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new BulkheadError('PORT_IN_USE', `Port ${String(address.port)} on ${address.host} is taken`, { cause: error });
    }
    throw error;
  }
}
