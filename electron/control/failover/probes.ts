import { request, type Dispatcher } from 'undici';
import type { DrillReport } from '../../contract/index.ts';
import type { Credentials } from '../node-api/index.ts';

const everyMs = 20;
const timeoutMs = 10_000;

/** Sends a real request (it needs login and database) every 20 ms, whatever becomes of the earlier ones, until stopped. */
export class Probes {
  readonly #url: string;
  readonly #authorization: string;
  readonly #agent: Dispatcher;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #underWay = new Set<Promise<void>>();
  #sent = 0;
  #failed = 0;
  #slowestMs = 0;

  constructor(balancerUrl: string, credentials: Credentials, agent: Dispatcher) {
    this.#url = `${balancerUrl}/artifactory/api/repositories`;
    this.#authorization = `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
    this.#agent = agent;
    this.#timer = setInterval(() => {
      const probe = this.#send().finally(() => this.#underWay.delete(probe));
      this.#underWay.add(probe);
    }, everyMs);
  }

  /** Waits for the answers that are still to come. */
  async stop(): Promise<DrillReport['probes']> {
    clearInterval(this.#timer);
    await Promise.all(this.#underWay);
    return { sent: this.#sent, failed: this.#failed, slowestMs: Math.round(this.#slowestMs) };
  }

  async #send(): Promise<void> {
    this.#sent += 1;
    const start = performance.now();
    try {
      const response = await request(this.#url, {
        dispatcher: this.#agent, headers: { authorization: this.#authorization }, signal: AbortSignal.timeout(timeoutMs),
      });
      await response.body.dump();
      if (response.statusCode !== 200) this.#failed += 1;
    } catch {
      this.#failed += 1;
    }
    this.#slowestMs = Math.max(this.#slowestMs, performance.now() - start);
  }
}
