import { createHash } from 'node:crypto';
import { Agent, request } from 'undici';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** the body as text */
  text(): string;
  /** the body as JSON; unchecked */
  json(): unknown;
}

export interface RequestOptions {
  readonly method?: string;
  readonly body?: Buffer | string | NodeJS.ReadableStream;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** null: send no credentials */
  readonly as?: { readonly user: string; readonly password: string } | null;
}

/**
 * A raw HTTP client of one address: no retries, no redirects, statuses are answers and not errors. What throws is a
 * connection that broke or a time-out: the outcome is unknown then.
 */
export class NodeClient implements AsyncDisposable {
  readonly url: string;
  readonly #admin: { readonly user: string; readonly password: string } | undefined;
  readonly #agent: Agent;

  /**
   * @param url   base address without the context path, for example http://127.0.0.1:8081
   * @param admin credentials of requests that name no others
   */
  constructor(url: string, admin?: { readonly user: string; readonly password: string }, timeoutMs = 60_000) {
    this.url = url.replace(/\/$/, '');
    this.#admin = admin;
    this.#agent = new Agent({ headersTimeout: timeoutMs, bodyTimeout: timeoutMs, connect: { timeout: timeoutMs }, pipelining: 1 });
  }

  /** @param path below the context path, beginning with "/": `/generic-local/a.txt`, `/api/system/ping` */
  async request(path: string, options: RequestOptions = {}): Promise<Answer> {
    const credentials = options.as === undefined ? this.#admin : options.as;
    const headers: Record<string, string> = { ...options.headers };
    if (credentials) headers['authorization'] ??= basic(credentials);
    const answer = await request(`${this.url}/artifactory${path}`, {
      dispatcher: this.#agent,
      method: (options.method ?? 'GET') as 'GET',
      headers,
      body: (options.body ?? null) as Buffer | null,
      signal: options.signal ?? null,
    });
    const body = Buffer.from(await answer.body.arrayBuffer());
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body,
      text: () => body.toString('utf8'),
      json: (): unknown => JSON.parse(body.toString('utf8')),
    };
  }

  get(path: string, options: Omit<RequestOptions, 'method' | 'body'> = {}): Promise<Answer> {
    return this.request(path, options);
  }

  put(path: string, body: Buffer | string, options: Omit<RequestOptions, 'method' | 'body'> = {}): Promise<Answer> {
    return this.request(path, { ...options, method: 'PUT', body });
  }

  post(path: string, body?: Readonly<Record<string, unknown>>, options: Omit<RequestOptions, 'method' | 'body'> = {}): Promise<Answer> {
    const json = body === undefined ? {} : { body: JSON.stringify(body) };
    const headers = body === undefined ? options.headers ?? {} : { 'content-type': 'application/json', ...options.headers };
    return this.request(path, { ...options, ...json, method: 'POST', headers });
  }

  delete(path: string, options: Omit<RequestOptions, 'method' | 'body'> = {}): Promise<Answer> {
    return this.request(path, { ...options, method: 'DELETE' });
  }

  /** Closes the connections; requests under way fail. */
  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function basic({ user, password }: { readonly user: string; readonly password: string }): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** SHA-256 in lower-case hexadecimal. */
export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
