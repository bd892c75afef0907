import { setTimeout as pause } from 'node:timers/promises';
import { rootCertificates } from 'node:tls';
import type { Dispatcher } from 'undici';
import { BulkheadError } from '../../contract/index.ts';
import { addressCheck, checkedLookup, requireAddress, type AddressCheck } from '../../outbound/address-rules.ts';
import { version } from '../../version.ts';
import type { RemoteSettings } from '../remote-settings.ts';
import { BearerTokens } from './bearer-tokens.ts';
import { isTransient, reasonOf } from './failures.ts';

export type UpstreamAnswer = Dispatcher.ResponseData;

export interface Question {
  /** below the repository's URL, or absolute */
  readonly url: string;
  readonly method?: 'GET' | 'HEAD' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** a redirect to a folder is answered as it is, and not followed: what lies there is a list of files */
  readonly noFolders?: boolean;
}

/** In the clear; empty where there is none. */
export interface Passwords { readonly upstream: string; readonly proxy: string }

const mostRedirects = 6;
const mostAttempts = 3;
const firstPauseMs = 150;
const longestPauseMs = 2000;
/** Of an answer that nobody wants no more than this is read before its connection is given up. */
const dumpedBytes = 64 * 1024;

/** One remote repository's way to its upstream, under one configuration. */
export class UpstreamConnection {
  readonly #settings: RemoteSettings;
  readonly #passwords: Passwords;
  /** made with the first question: what it is made of is not loaded on a node that asks nobody */
  #dispatcher: Promise<Dispatcher> | null = null;
  readonly #isGood: AddressCheck;
  readonly #basic: string | null;
  readonly #tokens: BearerTokens;
  #offlineUntil = 0;

  constructor(settings: RemoteSettings, passwords: Passwords) {
    this.#settings = settings;
    this.#passwords = passwords;
    this.#isGood = settings.allowPrivateAddresses ? () => true : addressCheck([]);
    this.#basic = basic(settings.username, passwords.upstream);
    this.#tokens = new BearerTokens(async (url) => (await this.#follow({ url, headers: { accept: 'application/json' } }, new URL(url), this.#basic, AbortSignal.timeout(settings.socketTimeoutMillis))).answer);
  }

  /** Whether upstream is left alone, because it could not be reached a moment ago. */
  get assumedOffline(): boolean {
    return performance.now() < this.#offlineUntil;
  }

  /**
   * Asks upstream and follows its redirects. Every address is held against the rules, when it is written in the URL and when a name was
   * resolved; credentials go to the repository's own origin only. What fails before there is an answer is tried again.
   * @throws UPSTREAM_FAILED, UPSTREAM_ADDRESS_REFUSED
   */
  async ask(question: Question, signal: AbortSignal): Promise<UpstreamAnswer> {
    const { url } = this.#settings;
    const target = new URL(/^https?:\/\//i.test(question.url) ? question.url : `${url.replace(/\/+$/, '')}/${question.url.replace(/^\/+/, '')}`);
    const isOwn = target.origin === new URL(url).origin;
    const { answer, origin } = await this.#follow(question, target, (isOwn ? this.#tokens.known(target) : null) ?? (isOwn ? this.#basic : null), signal);
    const challenge = answer.headers['www-authenticate'];
    // whoever was redirected to names no place that the credentials are shown at
    if (answer.statusCode !== 401 || !isOwn || origin !== target.origin || challenge === undefined) return answer;
    const token = await this.#tokens.answer(target, [challenge].flat().join(', '));
    if (token === null) return answer;
    await dump(answer);
    return (await this.#follow(question, target, token, signal)).answer;
  }

  /** Uses no new connection; those in use end with their requests. */
  retire(): void {
    void this.#dispatcher?.then((dispatcher) => dispatcher.close()).catch(() => undefined);
  }

  /** @returns the answer, and the origin that it came from */
  async #follow(question: Question, start: URL, authorization: string | null, signal: AbortSignal): Promise<{ readonly answer: UpstreamAnswer; readonly origin: string }> {
    let target = start;
    for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
      const credentials = target.origin === start.origin ? authorization : null;
      const answer = await this.#attempt(question, target, credentials, signal);
      const location = [answer.headers['location']].flat()[0];
      if (![301, 302, 303, 307, 308].includes(answer.statusCode) || location === undefined) return { answer, origin: target.origin };
      const next = redirected(location, target);
      if (question.noFolders === true && next.pathname.endsWith('/')) return { answer, origin: target.origin };
      await dump(answer);
      target = next;
    }
    throw new BulkheadError('UPSTREAM_FAILED', `Upstream redirects more than ${String(mostRedirects)} times`);
  }

  async #attempt(question: Question, target: URL, authorization: string | null, signal: AbortSignal): Promise<UpstreamAnswer> {
    requireAddress(target.href, this.#isGood, refusal);
    const { socketTimeoutMillis: silence } = this.#settings;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { request } = await import('undici');
        const answer = await request(target, {
          dispatcher: await (this.#dispatcher ??= dispatcherOf(this.#settings, this.#passwords, this.#isGood)), method: question.method ?? 'GET', signal, headersTimeout: silence, bodyTimeout: silence, body: question.body ?? null,
          headers: { 'user-agent': `bulkhead/${version}`, ...question.headers, ...(authorization === null ? {} : { authorization }) },
        });
        // it may break off before anybody reads it; whoever does is told then
        answer.body.on('error', () => undefined);
        if (![502, 503, 504].includes(answer.statusCode) || attempt === mostAttempts) {
          this.#offlineUntil = 0;
          return answer;
        }
        await dump(answer);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof BulkheadError) throw error;
        if (!isTransient(error) || attempt === mostAttempts) throw this.#unreachable(target, error);
      }
      // without jitter all nodes would come back at the same moment
      await pause(Math.min(longestPauseMs, firstPauseMs * 2 ** attempt) * (0.5 + Math.random() / 2), undefined, { signal });
    }
  }

  #unreachable(target: URL, error: unknown): BulkheadError {
    if (isTransient(error)) this.#offlineUntil = performance.now() + this.#settings.assumedOfflinePeriodSecs * 1000;
    return new BulkheadError('UPSTREAM_FAILED', `${target.origin} could not be asked: ${reasonOf(error)}`, { cause: error });
  }
}

function basic(username: string, password: string): string | null {
  return username === '' && password === '' ? null : `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

async function dispatcherOf(settings: RemoteSettings, passwords: Passwords, isGood: AddressCheck): Promise<Dispatcher> {
  const { Agent, ProxyAgent } = await import('undici');
  const { socketTimeoutMillis: timeout, maxConnections: connections, caCertificates, proxy, proxyUsername } = settings;
  const login = basic(proxyUsername, passwords.proxy);
  const tls = caCertificates.trim() === '' ? {} : { ca: [...rootCertificates, caCertificates] };
  // most proxies open tunnels to TLS ports only: plain requests are handed over whole (RFC 9112, 3.2.2)
  if (proxy !== '') return new ProxyAgent({ uri: proxy, proxyTunnel: false, requestTls: { ...tls, timeout }, proxyTls: { timeout }, connections, ...(login === null ? {} : { token: login }) });
  return new Agent({ connections, pipelining: 1, connect: { ...tls, timeout, lookup: checkedLookup(isGood, refusal) } });
}

function refusal(address: string): BulkheadError {
  return new BulkheadError('UPSTREAM_ADDRESS_REFUSED', `Upstream leads to ${address}, which is not connected to`);
}

function redirected(location: string, from: URL): URL {
  const target = URL.parse(location, from.href);
  if (target === null || !/^https?:$/.test(target.protocol)) throw new BulkheadError('UPSTREAM_INVALID', 'Upstream redirects to something that is no web address');
  target.username = '';
  target.password = '';
  return target;
}

/** Gives an answer up that nobody wants. */
export async function dump({ body }: UpstreamAnswer): Promise<void> {
  await body.dump({ limit: dumpedBytes }).catch(() => undefined);
}
