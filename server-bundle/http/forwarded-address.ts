import { isIP } from 'node:net';
import type { AddressRanges } from './client-address.ts';

/**
 * The client's address: the first one, seen from here, that no trusted proxy has. One address has one form, so that guesses from it count together: some proxies
 * write the port behind it (another one for each connection), and sockets that speak both protocols write IPv4 as IPv6.
 */
export function forwardedAddress(peer: string, forwarded: string | string[] | undefined, trusted: AddressRanges): string {
  if (forwarded === undefined || !trusted(peer)) return plainAddress(peer);
  const hops = String(forwarded).split(',').filter((hop) => hop.trim() !== '');
  let address = peer;
  while (trusted(address)) {
    const next = hops.pop()?.trim();
    if (next === undefined) break;
    address = plainAddress(next);
  }
  return plainAddress(address);
}

function plainAddress(written: string): string {
  if (isIP(written) === 0) {
    const [, bracketed, dotted] = /^(?:\[([0-9a-f:.]+)\](?::\d+)?|([0-9.]+):\d+)$/i.exec(written) ?? [];
    const inside = bracketed ?? dotted;
    return inside === undefined || isIP(inside) === 0 ? written : plainAddress(inside);
  }
  return /^::ffff:\d+\./i.test(written) ? written.slice(7) : written;
}
