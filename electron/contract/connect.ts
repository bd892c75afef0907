import { z } from 'zod';
import { errorCodes, type ErrorCode } from '../../server-bundle/contract/index.ts';
import type { ContractClient } from './client.ts';
import { ContractError } from './contract-error.ts';
import { operations, type ArgsOf, type CallName, type OperationName, type ResultOf, type StreamName } from './operations.ts';
import type { ToClient, ToControl, Wire } from './wire.ts';

// pages run under a policy that forbids code from strings; zod would try it first and be reported
if ('document' in globalThis) z.config({ jitless: true });

export type ClientWire = Wire<ToControl, ToClient>;

export interface ConnectOptions {
  /** first wait before the wire is opened again, milliseconds; doubles up to `maxDelayMs` */
  readonly minDelayMs?: number;
  readonly maxDelayMs?: number;
}

/** A client that can be put away: its wire is closed, calls under way fail with CONTROL_ROOM_LOST. */
export interface ClosableClient extends ContractClient {
  close(): void;
}

interface Call {
  readonly name: CallName;
  resolve(value: unknown): void;
  reject(error: Error): void;
}
interface Subscription {
  readonly name: StreamName;
  readonly args: unknown;
  item(value: unknown): void;
  error(error: Error): void;
  end(): void;
}

/**
 * A client over wires that `open` makes. A lost wire is opened again, with growing waits; streams are subscribed
 * again by themselves, calls that were under way fail with CONTROL_ROOM_LOST because nobody can know their outcome.
 */
export function connect(open: () => ClientWire | Promise<ClientWire>, options: ConnectOptions = {}): ClosableClient {
  return new WireClient(open, options);
}

class WireClient implements ClosableClient {
  readonly #open: () => ClientWire | Promise<ClientWire>;
  readonly #minDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #calls = new Map<number, Call>();
  readonly #subscriptions = new Map<number, Subscription>();
  readonly #connectionListeners = new Set<(connected: boolean) => void>();
  #wire: ClientWire | null = null;
  #opening: Promise<void>;
  #delayMs: number;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #lastId = 0;
  #closed = false;

  constructor(open: () => ClientWire | Promise<ClientWire>, options: ConnectOptions) {
    this.#open = open;
    this.#minDelayMs = options.minDelayMs ?? 250;
    this.#maxDelayMs = options.maxDelayMs ?? 5000;
    this.#delayMs = this.#minDelayMs;
    this.#opening = this.#connect();
  }

  async call<N extends CallName>(name: N, args: ArgsOf<N>, options: { signal?: AbortSignal } = {}): Promise<ResultOf<N>> {
    const { signal } = options;
    const isAborted = (): boolean => signal?.aborted === true;
    if (isAborted()) throw failure('CANCELLED');
    await this.#opening;
    const wire = this.#wire;
    if (wire === null) throw failure('CONTROL_ROOM_LOST');
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const onAbort = (): void => {
      wire.send({ kind: 'cancel', id });
      // a command tells what became of it; a question may be dropped at once
      if (operations[name].kind === 'query') reject(failure('CANCELLED'));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#calls.set(id, { name, resolve, reject });
    try {
      wire.send({ kind: 'call', id, name, args });
      if (isAborted()) onAbort();
      return parsed(name, await promise);
    } finally {
      this.#calls.delete(id);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  subscribe<N extends StreamName>(
    name: N,
    args: ArgsOf<N>,
    on: { item: (item: ResultOf<N>) => void; error?: (error: Error) => void; end?: () => void },
  ): () => void {
    const id = ++this.#lastId;
    this.#subscriptions.set(id, {
      name,
      args,
      item: (value) => on.item(parsed(name, value)),
      error: (error) => on.error?.(error),
      end: () => on.end?.(),
    });
    this.#wire?.send({ kind: 'subscribe', id, name, args });
    return () => {
      if (this.#subscriptions.delete(id)) this.#wire?.send({ kind: 'unsubscribe', id });
    };
  }

  onConnection(listener: (connected: boolean) => void): () => void {
    this.#connectionListeners.add(listener);
    listener(this.#wire !== null);
    return () => this.#connectionListeners.delete(listener);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#retry);
    const wire = this.#wire;
    this.#lose();
    wire?.close?.();
  }

  async #connect(): Promise<void> {
    let wire: ClientWire;
    try {
      wire = await this.#open();
    } catch {
      this.#retryLater();
      return;
    }
    if (this.#closed) {
      wire.close?.();
      return;
    }
    this.#wire = wire;
    this.#delayMs = this.#minDelayMs;
    wire.onMessage((message) => this.#receive(message));
    wire.onClose(() => {
      if (this.#wire !== wire) return;
      this.#lose();
      this.#retryLater();
    });
    for (const [id, { name, args }] of this.#subscriptions) wire.send({ kind: 'subscribe', id, name, args });
    this.#tellConnection();
  }

  #retryLater(): void {
    if (this.#closed) return;
    this.#retry = setTimeout(() => {
      this.#opening = this.#connect();
    }, this.#delayMs);
    this.#delayMs = Math.min(this.#delayMs * 2, this.#maxDelayMs);
  }

  #lose(): void {
    const wasConnected = this.#wire !== null;
    this.#wire = null;
    for (const call of this.#calls.values()) call.reject(failure('CONTROL_ROOM_LOST'));
    this.#calls.clear();
    if (wasConnected) this.#tellConnection();
  }

  #tellConnection(): void {
    for (const listener of this.#connectionListeners) listener(this.#wire !== null);
  }

  #receive(message: ToClient): void {
    const call = this.#calls.get(message.id);
    const subscription = this.#subscriptions.get(message.id);
    switch (message.kind) {
      case 'result':
        call?.resolve(message.value);
        return;
      case 'item':
        try {
          subscription?.item(message.value);
        } catch (error) {
          subscription?.error(error instanceof Error ? error : new Error(String(error)));
        }
        return;
      case 'end':
        this.#subscriptions.delete(message.id);
        subscription?.end();
        return;
      case 'error': {
        const error = new ContractError(message.error);
        this.#subscriptions.delete(message.id);
        call?.reject(error);
        subscription?.error(error);
      }
    }
  }
}

function parsed<N extends OperationName>(name: N, value: unknown): ResultOf<N> {
  const result = operations[name].result.safeParse(value);
  if (result.success) return result.data as ResultOf<N>;
  throw failure('INTERNAL', `The control room answered ${name} in a shape that this screen does not know`);
}

function failure(code: ErrorCode, message: string = errorCodes[code].message): ContractError {
  return new ContractError({ code, message, hint: errorCodes[code].hint });
}
