import { lookup as lookupAll, type LookupAddress, type LookupOptions } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import { addressRanges } from '../http/client-address.ts';
import type { BulkheadError } from '../contract/index.ts';

/**
 * Where nothing is sent to unless somebody allows it: this host itself, and addresses that mean something only on this link, among them
 * the metadata services of clouds. Private networks are where the other services of a company usually are: they are allowed.
 */
const refused = new BlockList();
for (const [net, bits] of [['0.0.0.0', 8], ['127.0.0.0', 8], ['169.254.0.0', 16], ['192.0.0.0', 24], ['224.0.0.0', 4], ['240.0.0.0', 4], ['100.100.100.200', 32], ['168.63.129.16', 32]] as const) {
  refused.addSubnet(net, bits, 'ipv4');
}
for (const [net, bits] of [['::', 127], ['fe80::', 10], ['ff00::', 8], ['fd00:ec2::', 32], ['fd20:ce::254', 128]] as const) refused.addSubnet(net, bits, 'ipv6');
/** prefixes under which an IPv6 address carries an IPv4 one (mapped, compatible, translated: RFC 4291, 2765, 6052, 8215): the last four bytes say which */
const carriers = new BlockList();
for (const [net, bits] of [['::ffff:0:0', 96], ['64:ff9b::', 96], ['64:ff9b:1::', 48], ['::', 96], ['::ffff:0:0:0', 96]] as const) carriers.addSubnet(net, bits, 'ipv6');
/** 6to4 (RFC 3056): the second and third group say which */
const sixToFour = new BlockList();
sixToFour.addSubnet('2002::', 16, 'ipv6');

export type AddressCheck = (address: string) => boolean;

/** The error for an address that is refused, in the words of whoever wanted to connect. */
export type Refusal = (address: string) => BulkheadError;

/** @param allowed addresses and CIDR ranges that may be connected to although they would be refused */
export function addressCheck(allowed: readonly string[]): AddressCheck {
  const isAllowed = addressRanges(allowed);
  return (address) => isAllowed(address) || !isRefused(address);
}

function isRefused(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return refused.check(address, 'ipv4');
  if (family !== 6) return true;
  if (refused.check(address, 'ipv6')) return true;
  if (carriers.check(address, 'ipv6')) return isRefused(dotted(groupsOf(address).slice(-2)));
  return sixToFour.check(address, 'ipv6') && isRefused(dotted(groupsOf(address).slice(1, 3)));
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  // the URL parser writes an address in its one canonical form, without dots
  const [before = '', after] = new URL(`http://[${address.split('%')[0] ?? ''}]`).hostname.slice(1, -1).split('::');
  const [head, tail] = [before, after ?? ''].map((part) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))));
  const [first, last] = [head ?? [], tail ?? []];
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}

function dotted([high = 0, low = 0]: readonly number[]): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** Refuses an address that is written in the URL itself. Names are checked when they are resolved, each time anew. */
export function requireAddress(url: string, isGood: AddressCheck, refusal: Refusal): void {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && !isGood(host)) throw refusal(host);
}

type LookupCallback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/** Resolves names like Node.js does, and keeps only what may be connected to: what was checked is what is connected to. */
export function checkedLookup(isGood: AddressCheck, refusal: Refusal): (hostname: string, options: LookupOptions, callback: LookupCallback) => void {
  return (hostname, options, callback) => {
    lookupAll(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const good = addresses.filter(({ address }) => isGood(address));
      const first = good[0];
      if (first === undefined) callback(refusal(`${hostname} (${addresses.map(({ address }) => address).join(', ')})`), []);
      else if (options.all === true) callback(null, good);
      else callback(null, first.address, first.family);
    });
  };
}
