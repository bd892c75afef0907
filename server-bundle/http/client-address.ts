import { createHash } from 'node:crypto';
import { BlockList, isIP } from 'node:net';

/** A set of addresses and CIDR ranges. */
export type AddressRanges = (address: string | undefined) => boolean;

/** Which peers are believed when they speak about the client (`http.trustedProxies`). IPv4-mapped IPv6 counts as IPv4. */
export function addressRanges(entries: readonly string[]): AddressRanges {
  if (entries.length === 0) return () => false;
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => {
    if (address === undefined) return false;
    const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
    return isIP(plain) !== 0 && list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
  };
}

const wellFormedId = /^[\w.:@-]{1,128}$/;

/** The client's `X-Request-Id` when it is fit for a log, else a number of our own. */
export function requestIds(prefix: string): (given: string | string[] | undefined) => string {
  let last = 0;
  return (given) => {
    if (typeof given === 'string' && wellFormedId.test(given)) return given;
    last += 1;
    return `${prefix}-${last.toString(36)}`;
  };
}

/**
 * Key of a request that a balancer may send again: the balancer's id, bound to who asks for what, so that nobody can
 * fetch the answer of somebody else's request.
 */
export function replayKeyOf(id: string | string[] | undefined, user: string, method: string, url: string): string | null {
  if (typeof id !== 'string' || !wellFormedId.test(id)) return null;
  return createHash('sha256').update(`${id}\0${user}\0${method}\0${url}`).digest('hex');
}
