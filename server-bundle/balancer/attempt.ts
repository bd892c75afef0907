import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Backend } from './backend.ts';

export interface AttemptRequest {
  readonly method: string;
  readonly path: string;
  /** names and values in one flat list, ready to be sent */
  readonly headers: readonly string[];
  readonly body: Readable | Buffer | null;
  /** bytes of `body`; null sends it chunked */
  readonly length: number | null;
}

export interface AnswerHead {
  readonly status: number;
  readonly statusMessage: string;
  readonly headers: IncomingHttpHeaders;
}

/** Where an attempt puts what it gets. */
export interface AnswerSink {
  /** `take`: the body follows in `data`; `hold`: the answer is kept back and returned whole; `reject`: it is of no use. */
  head(head: AnswerHead): 'take' | 'hold' | 'reject';
  /** false asks the attempt to pause until `resume` */
  data(chunk: Buffer): boolean;
  /** Whether a node that went silent may be given up in favour of another one at this moment. */
  mayMove(): boolean;
}

export type Outcome =
  /** the whole answer went into the sink */
  | { readonly kind: 'answered' }
  /** the sink held the answer back */
  | { readonly kind: 'held'; readonly head: AnswerHead; readonly body: Buffer }
  | { readonly kind: 'rejected' }
  /** no answer came; `sent` is false when the node cannot have seen any of it */
  | { readonly kind: 'failed'; readonly sent: boolean; readonly refused: boolean; readonly error: Error }
  /** the answer broke off after its headers */
  | { readonly kind: 'broken'; readonly error: Error };

/** An answer that is held back is an error text; more of it than this is cut. */
const heldBytes = 64 * 1024;

/** One request sent to one node, once. */
export class Attempt implements Dispatcher.DispatchHandler {
  readonly backend: Backend;
  readonly outcome: Promise<Outcome>;
  readonly #sink: AnswerSink;
  readonly #settle: (outcome: Outcome) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #sent = false;
  #head: AnswerHead | undefined;
  #held: Buffer[] | undefined;
  #heldSize = 0;

  private constructor(backend: Backend, sink: AnswerSink) {
    this.backend = backend;
    this.#sink = sink;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.outcome = promise;
    this.#settle = resolve;
  }

  static start(backend: Backend, request: AttemptRequest, sink: AnswerSink): Attempt {
    const attempt = new Attempt(backend, sink);
    backend.attempts.add(attempt);
    const headers = [...request.headers];
    if (request.body !== null && request.length !== null) headers.push('Content-Length', String(request.length));
    try {
      backend.pool.dispatch({ method: request.method, path: request.path, headers, body: request.body, idempotent: false }, attempt);
    } catch (error) {
      attempt.onResponseError(undefined, error instanceof Error ? error : new Error(String(error)));
    }
    return attempt;
  }

  /** Ends the attempt from this side: the client went away, or the node is given up. */
  abort(reason: Error): void {
    this.onResponseError(undefined, reason);
  }

  /** The node does not answer pings any more: moves on if the exchange can. */
  giveUp(reason: Error): void {
    if (!this.#settled && this.#sink.mayMove()) this.abort(reason);
  }

  resume(): void {
    this.#controller?.resume();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#settled) {
      controller.abort(new Error('given up before it was sent'));
      return;
    }
    this.#controller = controller;
    this.#sent = true;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders, statusMessage = ''): void {
    if (this.#settled || status < 200) return;
    this.#head = { status, statusMessage, headers };
    const decision = this.#sink.head(this.#head);
    if (decision === 'hold') this.#held = [];
    if (decision === 'reject') {
      this.#finish({ kind: 'rejected' });
      controller.abort(new Error('not the answer that was asked for'));
    }
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#settled) return;
    if (this.#held !== undefined) {
      if (this.#heldSize < heldBytes) this.#held.push(chunk);
      this.#heldSize += chunk.length;
    } else if (!this.#sink.data(chunk)) {
      controller.pause();
    }
  }

  onResponseEnd(): void {
    const head = this.#head;
    if (this.#held !== undefined && head !== undefined) this.#finish({ kind: 'held', head, body: Buffer.concat(this.#held) });
    else this.#finish({ kind: 'answered' });
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.#settled) return;
    if (this.#head !== undefined && this.#held === undefined) this.#finish({ kind: 'broken', error });
    else this.#finish({ kind: 'failed', sent: this.#sent, refused: 'code' in error && error.code === 'ECONNREFUSED', error });
    this.#controller?.abort(error);
  }

  #finish(outcome: Outcome): void {
    if (this.#settled) return;
    this.#settled = true;
    this.backend.attempts.delete(this);
    this.#settle(outcome);
  }
}
