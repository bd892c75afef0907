import type { Dispatcher } from 'undici';
import { checkedLookup, type AddressCheck } from './address-rules.ts';

/** An attempt that has no answer by then has failed, milliseconds. */
export const attemptMs = 10_000;
const connectMs = 5000;

/** The connections for webhooks: none is kept, none goes where the rules say no. What makes them is loaded with the first webhook, as most nodes have none to send. */
export class WebhookConnections {
  readonly #isGood: AddressCheck;
  #made: Promise<Dispatcher> | null = null;

  constructor(isGood: AddressCheck) {
    this.#isGood = isGood;
  }

  dispatcher(): Promise<Dispatcher> {
    return this.#made ??= this.#make();
  }

  /** Breaks off what is under way. */
  async destroy(): Promise<void> {
    await (await this.#made)?.destroy();
  }

  async #make(): Promise<Dispatcher> {
    const { Agent } = await import('undici');
    return new Agent({ connect: { timeout: connectMs, lookup: checkedLookup(this.#isGood) }, headersTimeout: attemptMs, bodyTimeout: attemptMs, pipelining: 1, keepAliveTimeout: 1, keepAliveMaxTimeout: 1 });
  }
}
