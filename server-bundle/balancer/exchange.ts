import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { BulkheadError } from '../contract/index.ts';
import { Attempt, type AnswerHead, type AnswerSink, type Outcome } from './attempt.ts';
import type { Backend } from './backend.ts';
import type { Balancing } from './balancing.ts';
import { answerError } from './error-answer.ts';
import { headersForClient, headersForNode } from './forwarding-headers.ts';
import { takeBody, type RequestBody } from './request-body.ts';
import { continues, remainderHeaders, resumable, type Resumable } from './resumable.ts';
import { cookieValue, setCookie } from './sticky-cookie.ts';

/** Methods whose second arrival changes nothing, or which a node recognizes by the request id. POST and PATCH are never sent twice. */
const replayed = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);

/** Pause before nodes are asked again that have all refused or failed. */
const roundMs = 100;

/** How long a client may go on sending after its answer. */
const lingerMs = 10_000;

/** One client request, from its headers to the end of its answer, over as many attempts as it takes. */
export class Exchange implements AnswerSink {
  readonly #balancing: Balancing;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #path: string;
  readonly #requestId = randomUUID();
  readonly #route: string | undefined;
  readonly #gone = new AbortController();
  #headers: string[] = [];
  #body: RequestBody | undefined;
  #attempt: Attempt | undefined;
  /** the answer that the client is getting, once it has begun */
  #download: Resumable | null = null;
  #delivered = 0;
  /** whether a 503 may be held back in the hope of a better answer */
  #holds = false;
  #deadline: number | undefined;

  constructor(balancing: Balancing, request: IncomingMessage, response: ServerResponse, path: string) {
    this.#balancing = balancing;
    this.#request = request;
    this.#response = response;
    this.#path = path;
    this.#route = cookieValue(request.headers.cookie, balancing.config.cookie);
  }

  get requestId(): string {
    return this.#requestId;
  }

  /** True while it is a node's turn, so that a silent client is not to blame. */
  get waitsForNode(): boolean {
    return this.#request.complete && this.#response.writableLength === 0;
  }

  /** Resolves when the exchange is over, whichever way; never rejects. */
  async run(): Promise<void> {
    this.#response.on('drain', () => this.#attempt?.resume());
    this.#response.once('close', () => {
      if (this.#response.writableFinished) return;
      const reason = new Error('the client went away');
      this.#gone.abort(reason);
      this.#attempt?.abort(reason);
    });
    try {
      const { socket } = this.#request;
      this.#headers = headersForNode(this.#request.rawHeaders, {
        address: socket.remoteAddress ?? '0.0.0.0', encrypted: 'encrypted' in socket, trusted: this.#balancing.trusted,
      }, this.#requestId);
      this.#body = await takeBody(this.#request, replayed.has(this.#method), this.#balancing.config.limits);
      await this.#deliver(this.#body);
    } catch (error) {
      if (!this.#clientGone()) this.#fail(new BulkheadError('INTERNAL', undefined, { cause: error }));
    } finally {
      await this.#body?.close();
    }
  }

  get #method(): string {
    return this.#request.method ?? 'GET';
  }

  /** The parser, the socket and the response each learn of it at another moment. */
  #clientGone(): boolean {
    return this.#gone.signal.aborted || this.#request.errored !== null || this.#request.socket.destroyed;
  }

  async #deliver(body: RequestBody): Promise<void> {
    const replayable = body.replayable && replayed.has(this.#method);
    const tried = new Set<Backend>();
    let held: (Outcome & { kind: 'held' }) | undefined;
    let last = false;
    while (!this.#clientGone() && !last) {
      let backend = this.#balancing.backends.choose(this.#route, tried);
      if (backend === undefined && (await this.#mayWait())) {
        tried.clear();
        continue;
      }
      // the time is over: one last try where there is little hope, unless a node has spoken already
      last = backend === undefined;
      if (backend === undefined && held === undefined) backend = this.#balancing.backends.lastResort(new Set());
      if (backend === undefined) break;
      tried.add(backend);
      this.#holds = replayable && !last;
      const outcome = await this.#send(backend, {
        method: this.#method, path: this.#path, headers: this.#headers, body: body.open((bytes) => { this.#count(backend, bytes); }), length: body.length,
      });
      if (this.#clientGone()) return;
      switch (outcome.kind) {
        case 'answered': this.#end(); return;
        case 'held': held = outcome; break;
        case 'broken': await this.#continue(backend, outcome.error); return;
        case 'rejected': return;
        case 'failed':
          if ('code' in outcome.error && outcome.error.code === 'UND_ERR_INVALID_ARG') {
            this.#answerError(new BulkheadError('HEADER_INVALID'));
            return;
          }
          this.#blame(backend, outcome);
          if (!replayable && outcome.sent) {
            this.#fail(new BulkheadError('BACKEND_FAILED', undefined, { cause: outcome.error }));
            return;
          }
      }
      this.#countRetry(backend);
    }
    if (this.#clientGone()) return;
    if (held === undefined) this.#fail(new BulkheadError('NO_BACKEND'), { 'retry-after': '1' });
    else this.#passOn(held.head, held.body);
  }

  /** The body broke off in mid-answer: another node goes on where it stopped, if the artifact is still the same. */
  async #continue(broken: Backend, error: Error): Promise<void> {
    this.#blame(broken, { sent: true, refused: false, error });
    const download = this.#download;
    const tried = new Set([broken]);
    while (download !== null && !this.#clientGone()) {
      if (this.#remaining(download) === 0) {
        this.#end();
        return;
      }
      const backend = this.#balancing.backends.choose(this.#route, tried);
      if (backend === undefined) {
        if (!(await this.#mayWait())) break;
        tried.clear();
        continue;
      }
      tried.add(backend);
      this.#balancing.totals.resumed += 1;
      const outcome = await this.#send(backend, {
        method: 'GET', path: this.#path, headers: remainderHeaders(this.#headers, download, this.#delivered), body: null, length: 0,
      });
      if (outcome.kind === 'answered') {
        this.#end();
        return;
      }
      if (outcome.kind === 'rejected') break;
      if (outcome.kind === 'failed' || outcome.kind === 'broken') this.#blame(backend, { sent: true, refused: false, ...outcome });
    }
    if (this.#clientGone()) return;
    // nothing honest can be added to a half answer but its end
    this.#balancing.totals.failed += 1;
    this.#balancing.log.warn({ requestId: this.#requestId, nodeId: broken.nodeId, error: error.message }, 'an answer broke off');
    this.#response.destroy();
  }

  #send(backend: Backend, request: Parameters<typeof Attempt.start>[1]): Promise<Outcome> {
    const attempt = Attempt.start(backend, request, this);
    this.#attempt = attempt;
    return attempt.outcome;
  }

  head(head: AnswerHead): 'take' | 'hold' | 'reject' {
    if (this.#response.headersSent) {
      if (head.status === 503) return 'hold';
      return this.#download !== null && continues(head, this.#download, this.#delivered) ? 'take' : 'reject';
    }
    if (head.status === 503 && this.#holds) return 'hold';
    this.#download = resumable(this.#method, head);
    this.#writeHead(head);
    return 'take';
  }

  data(chunk: Buffer): boolean {
    this.#delivered += chunk.length;
    this.#count(this.#attempt?.backend, chunk.length);
    return this.#response.write(chunk);
  }

  mayMove(): boolean {
    if (this.#response.headersSent) return this.#download !== null;
    return this.#body?.replayable === true && replayed.has(this.#method);
  }

  #writeHead(head: AnswerHead): void {
    const headers = headersForClient(head.headers);
    const backend = this.#attempt?.backend;
    if (backend !== undefined && backend.route !== this.#route && head.status !== 503) {
      const others = headers['set-cookie'] ?? [];
      headers['set-cookie'] = [...(Array.isArray(others) ? others : [others]), setCookie(this.#balancing.config.cookie, backend.route)];
    }
    // what the client is still sending nobody will read: the connection cannot be used again
    if (this.#balancing.stopping || !this.#request.complete) headers['connection'] = 'close';
    this.#response.writeHead(head.status, head.statusMessage === '' ? undefined : head.statusMessage, headers);
    this.#balancing.totals.meter.requests += 1;
    if (backend !== undefined) backend.meter.requests += 1;
  }

  #end(body?: Buffer): void {
    this.#response.end(body);
    this.#linger();
  }

  /** Reads a body nobody wants for a while longer: closing would take the answer away from a client that is still sending. */
  #linger(): void {
    if (this.#request.complete) return;
    const { socket } = this.#request;
    this.#request.resume();
    const linger = setTimeout(() => socket.destroy(), lingerMs);
    socket.once('close', () => { clearTimeout(linger); });
  }

  #passOn(head: AnswerHead, body: Buffer): void {
    this.#writeHead({ ...head, headers: { ...head.headers, 'content-length': String(body.length), 'transfer-encoding': undefined } });
    this.#end(this.#method === 'HEAD' ? undefined : body);
  }

  #remaining(download: Resumable): number {
    return download.last - download.first + 1 - this.#delivered;
  }

  /** Waits a moment for a node that can take the request; false when the time for that is over. */
  async #mayWait(): Promise<boolean> {
    const now = performance.now();
    this.#deadline ??= now + this.#balancing.config.limits.waitForBackendMs;
    const left = this.#deadline - now;
    if (left <= 0) return false;
    const { backends } = this.#balancing;
    const anyUp = backends.all.some((backend) => backend.health === 'up');
    if (anyUp) await delay(Math.min(left, roundMs), undefined, { signal: this.#gone.signal }).catch(() => undefined);
    else await backends.changed(left, this.#gone.signal);
    return true;
  }

  #blame(backend: Backend, failure: { refused: boolean; sent: boolean; error: Error }): void {
    backend.failures += 1;
    this.#balancing.log.debug({ requestId: this.#requestId, nodeId: backend.nodeId, error: failure.error.message }, 'an attempt failed');
    this.#balancing.health.suspect(backend, failure.refused);
  }

  #count(backend: Backend | undefined, bytes: number): void {
    this.#balancing.totals.meter.bytes += bytes;
    if (backend !== undefined) backend.meter.bytes += bytes;
  }

  #countRetry(backend: Backend): void {
    backend.retries += 1;
    this.#balancing.totals.retries += 1;
  }

  #fail(error: BulkheadError, headers: Readonly<Record<string, string>> = {}): void {
    this.#balancing.totals.failed += 1;
    this.#balancing.log.warn({ requestId: this.#requestId, method: this.#method, code: error.code, cause: describe(error.cause) }, 'a request failed');
    if (this.#response.headersSent) this.#response.destroy();
    else this.#answerError(error, headers);
  }

  #answerError(error: BulkheadError, headers: Readonly<Record<string, string>> = {}): void {
    answerError(this.#response, error, this.#request.complete ? headers : { ...headers, connection: 'close' });
    this.#linger();
  }
}

const describe = (cause: unknown): string | undefined => (cause instanceof Error ? cause.message : undefined);
