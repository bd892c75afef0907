import type { AddressRanges } from '../client-address.ts';

/** The client's address: the first one, seen from here, that no trusted proxy has. What Fastify's `request.ip` is with `trustProxy`. */
export function forwardedAddress(peer: string, forwarded: string | string[] | undefined, trusted: AddressRanges): string {
  if (forwarded === undefined || !trusted(peer)) return peer;
  const hops = String(forwarded).split(',').filter((hop) => hop.trim() !== '');
  let address = peer;
  while (trusted(address)) {
    const next = hops.pop()?.trim();
    if (next === undefined) return address;
    address = next;
  }
  return address;
}
