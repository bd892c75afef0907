import { asBulkheadError, BulkheadError, type ErrorBody } from '../../contract/index.ts';
import { databaseFailure } from '../../metadata/failure.ts';

/** A question from one process of a node to another, and its answer. */
export type CallMessage =
  | { readonly t: 'call'; readonly id: number; readonly name: string; readonly args: readonly unknown[] }
  | { readonly t: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly t: 'failure'; readonly id: number; readonly error: ErrorBody };

type Service = (...args: never[]) => Promise<unknown>;

/**
 * Calls over one channel, both ways: `Theirs` can be called here, `Ours` are answered. Errors arrive with their code; what has none
 * arrives as INTERNAL.
 */
export class Calls<Theirs, Ours extends object> {
  readonly #send: (message: CallMessage) => void;
  readonly #services: ReadonlyMap<string, Service>;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;
  #ended = false;

  constructor(send: (message: CallMessage) => void, ours: Ours) {
    this.#send = send;
    this.#services = new Map(Object.entries(ours));
  }

  /** @throws what the other side threw; NOT_SERVING when it ends before it answers */
  call<K extends keyof Theirs & string>(name: K, ...args: Theirs[K] extends (...args: infer A) => Promise<unknown> ? A : never): Promise<Theirs[K] extends (...args: never[]) => Promise<infer R> ? R : never> {
    const waiting = Promise.withResolvers<unknown>();
    if (this.#ended) {
      waiting.reject(new BulkheadError('NOT_SERVING'));
    } else {
      const id = this.#lastId += 1;
      this.#waiting.set(id, waiting);
      this.#send({ t: 'call', id, name, args });
    }
    return waiting.promise as Promise<Theirs[K] extends (...args: never[]) => Promise<infer R> ? R : never>;
  }

  take(message: CallMessage): void {
    if (message.t === 'call') {
      void this.#answer(message.id, message.name, message.args);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.t === 'answer') waiting?.resolve(message.value);
    else waiting?.reject(fromBody(message.error));
  }

  async #answer(id: number, name: string, args: readonly unknown[]): Promise<void> {
    try {
      const service = this.#services.get(name);
      if (service === undefined) throw new Error(`no service is called ${name}`);
      this.#send({ t: 'answer', id, value: await service(...args as never[]) });
    } catch (error) {
      this.#send({ t: 'failure', id, error: (databaseFailure(error) ?? asBulkheadError(error)).toBody() });
    }
  }

  /** The other side has ended: nothing will be answered any more. */
  end(): void {
    this.#ended = true;
    for (const waiting of this.#waiting.values()) waiting.reject(new BulkheadError('NOT_SERVING'));
    this.#waiting.clear();
  }
}

function fromBody({ code, message, hint, details }: ErrorBody): BulkheadError {
  return new BulkheadError(code, message, { hint, ...(details === undefined ? {} : { details }) });
}
