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
  if (!written.includes(':')) return written;
  return /^::ffff:\d+\./i.test(written) ? written.slice(7) : shortest(written);
}

/** An IPv6 address as RFC 5952 writes it, or the IPv4 one that it stands for. One with a zone has no other form. */
function shortest(written: string): string {
  const address = `http://[${written}]`;
  if (!URL.canParse(address)) return written;
  const short = new URL(address).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(short) ?? [];
  if (high === undefined || low === undefined) return short;
  return [high, low].map((half) => Number.parseInt(half, 16)).flatMap((half) => [half >> 8, half & 0xff]).join('.');
}
