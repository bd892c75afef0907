import type { BlockList } from 'node:net';

/** RFC 9110 section 7.6.1 and its ancestors: meant for this connection only. */
const hopByHop = new Set([
  'connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade',
]);
/** Made anew for the node: the client's `Host`, its framing, and its wish to be asked before it sends a body. */
const replaced = new Set(['host', 'content-length', 'expect']);
const forwarding = new Set(['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-prefix', 'x-forwarded-server', 'x-real-ip', 'forwarded']);

export const requestIdHeader = 'X-Bulkhead-Request-Id';

export interface ClientSide {
  readonly address: string;
  readonly encrypted: boolean;
  /** proxies whose word about the client is believed */
  readonly trusted: BlockList;
}

/** Header names and values as pairs in one flat list, as they came and as they go. */
export type RawHeaders = readonly string[];

/**
 * What a node gets to see: end-to-end headers as they came, the client's address in X-Forwarded-*, and the one request id of
 * all attempts. `X-Bulkhead-*` is the balancer's own language: a client's is dropped, whoever the client is.
 */
export function headersForNode(raw: RawHeaders, client: ClientSide, requestId: string): string[] {
  const named = namedByConnection(raw);
  const kept: string[] = [];
  const told = new Map<string, string>();
  let host: string | undefined;
  for (const [name, value] of pairs(raw)) {
    const lower = name.toLowerCase();
    if (lower === 'host') host ??= value;
    if (hopByHop.has(lower) || replaced.has(lower) || named.has(lower) || /^x[-_]bulkhead[-_]/.test(lower)) continue;
    if (forwarding.has(lower)) {
      const before = told.get(lower);
      told.set(lower, before === undefined ? value : `${before}, ${value}`);
      continue;
    }
    kept.push(name, value);
  }
  const believed = isTrusted(client.address, client.trusted);
  const chain = believed ? told.get('x-forwarded-for') : undefined;
  kept.push('X-Forwarded-For', chain === undefined ? plainAddress(client.address) : `${chain}, ${plainAddress(client.address)}`);
  kept.push('X-Forwarded-Proto', (believed ? told.get('x-forwarded-proto') : undefined) ?? (client.encrypted ? 'https' : 'http'));
  const forwardedHost = (believed ? told.get('x-forwarded-host') : undefined) ?? host;
  if (forwardedHost !== undefined) kept.push('X-Forwarded-Host', forwardedHost);
  kept.push(requestIdHeader, requestId);
  return kept;
}

/** A node's answer without what was meant for the balancer's connection to it. */
export function headersForClient(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string | string[]> {
  const connection = headers['connection'];
  const named = tokens(Array.isArray(connection) ? connection.join(',') : connection ?? '');
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !hopByHop.has(name) && !named.has(name)) kept[name] = value;
  }
  return kept;
}

/** All values of a header in the order in which they came. */
export function valuesOf(raw: RawHeaders, name: string): string[] {
  return pairs(raw).filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
}

export function withoutHeaders(raw: RawHeaders, names: ReadonlySet<string>): string[] {
  return pairs(raw).filter(([name]) => !names.has(name.toLowerCase())).flat();
}

function pairs(raw: RawHeaders): [string, string][] {
  const list: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) list.push([raw[index] ?? '', raw[index + 1] ?? '']);
  return list;
}

/** Names that the sender's Connection header makes hop-by-hop, except those that a sender could use to blind the nodes. */
function namedByConnection(raw: RawHeaders): Set<string> {
  const named = tokens(valuesOf(raw, 'connection').join(','));
  for (const protectedName of ['authorization', 'cookie', 'content-type', 'content-encoding']) named.delete(protectedName);
  return named;
}

const tokens = (list: string): Set<string> => new Set(list.split(',').map((token) => token.trim().toLowerCase()).filter((token) => token !== ''));

/** An IPv4 address on a socket that speaks both protocols comes as ::ffff:a.b.c.d. */
const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');

function isTrusted(address: string, trusted: BlockList): boolean {
  const plain = plainAddress(address);
  return trusted.check(plain, plain.includes(':') ? 'ipv6' : 'ipv4');
}
