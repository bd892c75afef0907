import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { UpstreamAnswer } from './connection.ts';
import { wholeBody } from './whole-body.ts';

/** What a token service answers (distribution's token specification); either field may hold the token. */
const tokenAnswer = z.object({ token: z.string().optional(), access_token: z.string().optional(), expires_in: z.number().positive().max(86_400).default(60) });

/** A token is renewed this long before it ends. Seconds. */
const marginSeconds = 10;
const longestAnswer = 256 * 1024;

/** Answers `WWW-Authenticate: Bearer` challenges of an upstream (OCI registries) and remembers the tokens until they end. */
export class BearerTokens {
  readonly #fetch: (url: string) => Promise<UpstreamAnswer>;
  /** authorization by challenge */
  readonly #byChallenge = new LRUCache<string, string>({ max: 1000 });
  /** challenge by the part of the upstream's address that it was made for */
  readonly #challenges = new LRUCache<string, string>({ maxSize: 10_000, sizeCalculation: () => 1 });

  /** @param fetch asks a token service, with the credentials of the repository */
  constructor(fetch: (url: string) => Promise<UpstreamAnswer>) {
    this.#fetch = fetch;
  }

  /** The authorization that was wanted for this address, or for one beside it, before; null when none is known. */
  known(target: URL): string | null {
    const challenge = this.#challenges.get(scopeOf(target));
    return challenge === undefined ? null : this.#byChallenge.get(challenge) ?? null;
  }

  /**
   * The authorization that a challenge wants; null when it wants something else, or nobody gives a token for it.
   * @throws UPSTREAM_FAILED, UPSTREAM_INVALID when the token service is out of order
   */
  async answer(target: URL, challenge: string): Promise<string | null> {
    const address = tokenAddress(challenge);
    if (address === null || (target.protocol === 'https:' && !address.startsWith('https:'))) return null;
    const answer = await this.#fetch(address);
    const bytes = await wholeBody(answer, longestAnswer);
    if (answer.statusCode !== 200) return null;
    const parsed = tokenAnswer.safeParse(jsonOf(bytes.toString('utf8')));
    const token = parsed.data?.token ?? parsed.data?.access_token;
    if (parsed.data === undefined || token === undefined) return null;
    const authorization = `Bearer ${token}`;
    const ttl = Math.max(0, parsed.data.expires_in - marginSeconds) * 1000;
    if (ttl > 0) this.#byChallenge.set(challenge, authorization, { ttl });
    this.#challenges.set(scopeOf(target), challenge);
    return authorization;
  }
}

/** `/v2/library/alpine` of `/v2/library/alpine/manifests/latest`: what lies beside it is asked for with the same token. */
function scopeOf({ origin, pathname }: URL): string {
  return origin + pathname.split('/').slice(0, -2).join('/');
}

/** Where a Bearer challenge says that tokens are given; null for any other challenge. */
export function tokenAddress(challenge: string): string | null {
  const parameters = /(?:^|,\s*)Bearer\s+(.*)$/is.exec(challenge)?.[1];
  if (parameters === undefined) return null;
  const fields = new Map<string, string>();
  for (const [, name = '', quoted, plain] of parameters.matchAll(/([a-z_]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))/gi)) fields.set(name.toLowerCase(), quoted ?? plain ?? '');
  const realm = URL.parse(fields.get('realm') ?? '');
  if (realm === null || !/^https?:$/.test(realm.protocol)) return null;
  for (const name of ['service', 'scope']) {
    const value = fields.get(name);
    if (value !== undefined) realm.searchParams.append(name, value);
  }
  return realm.href;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
