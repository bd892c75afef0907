import type { Duplex, Readable } from 'node:stream';
import type { Socket } from 'node:net';
import { Agent, buildConnector, request, type Dispatcher } from 'undici';
import { BulkheadError, errorCodes, type ErrorCode } from '../../../server-bundle/contract/index.ts';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

export interface NodeRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly body?: unknown;
  /** sent as it comes, instead of a JSON body */
  readonly stream?: Readable;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** for the whole answer, milliseconds */
  readonly timeoutMs?: number;
}

/** How long a node may take for an ordinary answer, milliseconds: a frozen one must not hold up the picture of the others. */
const usualTimeoutMs = 2500;

/** How to connect to "host:port"; undefined: straight, as usual. */
export type FindWay = (host: string) => (() => Promise<Duplex>) | undefined;

/**
 * One agent for all nodes: connections are kept, and closed with the control room.
 * @param findWay for nodes that may have to be reached through their hosts
 * @param connections to each node at once
 */
export function createNodeAgent(findWay: FindWay = () => undefined, connections = 4): Agent {
  const straight = buildConnector({ timeout: 1000 });
  const connect: buildConnector.connector = (options, callback) => {
    const way = findWay(options.host ?? '');
    if (way === undefined) {
      straight(options, callback);
      return;
    }
    way().then(
      (stream) => {
        if (options.protocol === 'https:') straight({ ...options, httpSocket: asSocket(stream) }, callback);
        else callback(null, asSocket(stream));
      },
      (error: unknown) => { callback(error instanceof Error ? error : new Error(String(error)), null); },
    );
  };
  return new Agent({ connections, keepAliveTimeout: 10_000, connect, bodyTimeout: 0 });
}

/** A stream through a host is no socket, but it is all that is asked of one here. */
function asSocket(stream: Duplex): Socket {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- nothing is called on it that a stream has not
  return stream as Socket;
}

/** HTTP to one node, as one user. */
export class NodeConnection {
  readonly #base: string;
  readonly #credentials: Credentials | null;
  readonly #agent: Dispatcher;

  /** @param url of the node; the context path is added here */
  constructor(url: string, credentials: Credentials | null, agent: Dispatcher) {
    this.#base = `${url.replace(/\/$/, '')}/artifactory`;
    this.#credentials = credentials;
    this.#agent = agent;
  }

  /** The JSON of the answer. Throws the node's own error by its code, CLUSTER_UNREACHABLE without an answer, CANCELLED. */
  async json(path: string, ask: NodeRequest = {}): Promise<unknown> {
    const timeout = AbortSignal.timeout(ask.timeoutMs ?? usualTimeoutMs);
    const signal = ask.signal === undefined ? timeout : AbortSignal.any([ask.signal, timeout]);
    const response = await this.open(path, { ...ask, signal });
    let text: string;
    try {
      text = await response.body.text();
    } catch (cause) {
      throw this.#unreachable(cause, ask.signal);
    }
    if (response.statusCode >= 400) throw errorOf(response.statusCode, text);
    return parseJson(text);
  }

  /** The answer as soon as its headers are there, whatever its status. */
  async open(path: string, ask: NodeRequest): Promise<Dispatcher.ResponseData> {
    const body = ask.stream !== undefined ? { body: ask.stream } : ask.body === undefined ? {} : { body: JSON.stringify(ask.body) };
    const headers = {
      ...(this.#credentials === null ? {} : { authorization: basic(this.#credentials) }),
      ...(ask.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...ask.headers,
    };
    try {
      return await request(`${this.#base}${path}`, {
        dispatcher: this.#agent, method: ask.method ?? 'GET', headers, ...body, ...(ask.signal === undefined ? {} : { signal: ask.signal }),
      });
    } catch (cause) {
      throw this.#unreachable(cause, ask.signal);
    }
  }

  #unreachable(cause: unknown, signal?: AbortSignal): BulkheadError {
    if (signal?.aborted === true && !isTimeout(signal.reason)) return new BulkheadError('CANCELLED', undefined, { cause });
    const reason = (cause as { code?: string; name?: string }).code ?? (cause as { name?: string }).name;
    // why the way through its host is closed is what a reader has to know
    const through = cause instanceof BulkheadError ? `: ${cause.message}` : '';
    const hint = cause instanceof BulkheadError ? { hint: cause.hint } : {};
    return new BulkheadError('CLUSTER_UNREACHABLE', `${this.#base} does not answer${through}`, { details: { url: this.#base, reason }, cause, ...hint });
  }
}

function basic({ user, password }: Credentials): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The node's error with its code; one without a known code is told by its status. */
export function errorOf(status: number, text: string): BulkheadError {
  const first = (parseJson(text) as { errors?: { code?: string; message?: string; hint?: string; details?: unknown }[] } | undefined)?.errors?.[0];
  const code = first?.code;
  if (isErrorCode(code)) {
    return new BulkheadError(code, first?.message, {
      ...(first?.hint === undefined ? {} : { hint: first.hint }), ...(first?.details === undefined ? {} : { details: first.details }),
    });
  }
  const known: Record<number, ErrorCode> = { 401: 'CREDENTIALS_INVALID', 403: 'FORBIDDEN', 429: 'OVERLOADED', 503: 'NOT_SERVING' };
  return new BulkheadError(known[status] ?? 'INTERNAL', `The node answered with status ${status}`, { details: { status } });
}

function isErrorCode(code: string | undefined): code is ErrorCode {
  return code !== undefined && Object.hasOwn(errorCodes, code);
}
