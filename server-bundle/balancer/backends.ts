import { EventEmitter, once } from 'node:events';
import { Backend } from './backend.ts';
import type { BackendConfig, BalancerConfig } from './config.ts';

/** All nodes, and the choice among them. Emits `change` whenever one of them may have become (un)usable. */
export class Backends extends EventEmitter<{ change: [] }> {
  #list: Backend[] = [];
  /** taken out of the configuration, still answering something */
  #leaving = new Set<Backend>();
  #turn = 0;

  constructor() {
    super();
    this.setMaxListeners(0);
  }

  get all(): readonly Backend[] {
    return this.#list;
  }

  /** Brings the list in line with the configuration. Nodes that stay keep connections, health and counters; what others have under way is finished. */
  configure(wanted: readonly BackendConfig[], limits: BalancerConfig['limits']): void {
    const before = this.#list;
    this.#list = wanted.map((config) => before.find((known) => known.nodeId === config.nodeId && known.url === config.url) ?? new Backend(config, limits));
    for (const backend of before) {
      if (this.#list.includes(backend)) continue;
      backend.removed = true;
      this.#leaving.add(backend);
      // a graceful close: waits for what is under way
      void backend.pool.close().finally(() => this.#leaving.delete(backend));
    }
    this.emit('change');
  }

  /** A node that takes new requests: the client's own if it can, else one with the least to do. */
  choose(route: string | undefined, tried: ReadonlySet<Backend>): Backend | undefined {
    const able = this.#list.filter((backend) => backend.health === 'up' && !tried.has(backend));
    return able.find((backend) => backend.route === route) ?? this.#leastBusy(able);
  }

  /** When nobody is up: one that at least might answer. A draining node serves for a while; a silent one may only be slow. */
  lastResort(tried: ReadonlySet<Backend>): Backend | undefined {
    const left = this.#list.filter((backend) => !tried.has(backend));
    return this.#leastBusy(left.filter((backend) => backend.health === 'draining')) ?? this.#leastBusy(left.filter((backend) => backend.silent));
  }

  /** Resolves at the next change, or after `milliseconds`. */
  async changed(milliseconds: number, signal: AbortSignal): Promise<void> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(milliseconds))]);
    try {
      await once(this, 'change', { signal: limit });
    } catch {
      // the time is over, or nobody waits any more
    }
  }

  async destroy(): Promise<void> {
    const everyone = [...this.#list, ...this.#leaving];
    this.#list = [];
    await Promise.all(everyone.map((backend) => backend.pool.destroy()));
  }

  #leastBusy(candidates: readonly Backend[]): Backend | undefined {
    if (candidates.length === 0) return undefined;
    const least = Math.min(...candidates.map((backend) => backend.attempts.size));
    const idle = candidates.filter((backend) => backend.attempts.size === least);
    this.#turn += 1;
    return idle[this.#turn % idle.length];
  }
}
