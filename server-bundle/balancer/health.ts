import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'undici';
import type { Logger } from 'pino';
import type { BackendHealth } from '../contract/index.ts';
import type { Backend } from './backend.ts';
import type { Backends } from './backends.ts';
import type { BalancerConfig } from './config.ts';

const pingPath = '/artifactory/api/system/ping';

/** Pings every node on a connection of its own, and listens to what requests found out. */
export class HealthChecks {
  readonly #backends: Backends;
  readonly #settings: () => BalancerConfig['health'];
  readonly #log: Logger;
  readonly #running = new Map<Backend, { wake: () => void; done: Promise<void> }>();
  readonly #stop = new AbortController();

  constructor(backends: Backends, settings: () => BalancerConfig['health'], log: Logger) {
    this.#backends = backends;
    this.#settings = settings;
    this.#log = log;
  }

  /** Starts a loop for each node that has none yet; loops of removed nodes end by themselves. */
  follow(): void {
    for (const backend of this.#backends.all) {
      if (this.#running.has(backend)) continue;
      const entry = { wake: (): void => undefined, done: Promise.resolve() };
      this.#running.set(backend, entry);
      entry.done = this.#loop(backend, (wake) => { entry.wake = wake; }).finally(() => this.#running.delete(backend));
    }
  }

  /** A request failed on this node. A refused connection is proof enough; anything else is a reason to ask at once. */
  suspect(backend: Backend, refused: boolean): void {
    if (refused) this.#set(backend, 'down', false, 'refused a connection');
    this.#running.get(backend)?.wake();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.#running.values()].map((entry) => entry.done));
  }

  async #loop(backend: Backend, onWake: (wake: () => void) => void): Promise<void> {
    const over = (): boolean => backend.removed || this.#stop.signal.aborted;
    let unanswered = 0;
    while (!over()) {
      const asked = performance.now();
      const answer = await this.#ping(backend);
      if (over()) return;
      unanswered = answer.health === 'down' && !answer.refused ? unanswered + 1 : 0;
      if (answer.health !== 'down' || answer.refused) this.#set(backend, answer.health, false, answer.why);
      else if (unanswered >= this.#settings().failures) this.#set(backend, 'down', true, answer.why);
      const rest = this.#settings().intervalMs - (performance.now() - asked);
      const woken = new AbortController();
      onWake(() => { woken.abort(); });
      // not at once even when woken: many requests fail together
      await delay(Math.max(rest, 20), undefined, { signal: AbortSignal.any([woken.signal, this.#stop.signal]) }).catch(() => delay(10));
    }
  }

  /** A connection for each ping: an open port that nobody accepts on, or a stale connection, must not look like health. */
  async #ping(backend: Backend): Promise<{ health: BackendHealth; refused: boolean; why: string }> {
    const timeout = this.#settings().timeoutMs;
    const client = new Client(new URL(backend.url).origin, { connect: { timeout }, pipelining: 0 });
    try {
      const { statusCode, body } = await client.request({
        method: 'GET', path: pingPath, signal: AbortSignal.any([this.#stop.signal, AbortSignal.timeout(timeout)]),
      });
      await body.dump();
      if (statusCode === 200) return { health: 'up', refused: false, why: 'answers' };
      if (statusCode === 503) return { health: 'draining', refused: false, why: 'answers 503' };
      return { health: 'down', refused: false, why: `answers ${String(statusCode)}` };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
      return { health: 'down', refused: code === 'ECONNREFUSED', why: code };
    } finally {
      await client.destroy();
    }
  }

  #set(backend: Backend, health: BackendHealth, silent: boolean, why: string): void {
    const before = backend.health;
    backend.health = health;
    backend.silent = silent;
    if (health === 'down') {
      // moving makes sense only while there is somewhere to go
      if (this.#backends.all.some((other) => other.health === 'up')) {
        for (const attempt of [...backend.attempts]) attempt.giveUp(new Error(`${backend.nodeId} is down: ${why}`));
      }
    }
    if (before === health) return;
    this.#log.info({ nodeId: backend.nodeId, before, health, why }, 'node health changed');
    this.#backends.emit('change');
  }
}
