import { isIP } from 'node:net';
import type { Probe } from './check.ts';

/** how long an address may take to answer, seconds */
const patience = 5;

export type TcpAnswer = 'answers' | 'refused' | 'silent' | 'no route' | 'unknown name' | 'no bash';

/** of getent(1): the name is in none of its books, or has no address of a kind that this host has */
const unknownName = 2;
/** of ip(8): the kernel refuses, for it has no route there */
const unreachable = 2;

/** A TCP connection from where `probe` runs; bash alone can make one without anything being installed. */
export async function tryTcp(probe: Probe, host: string, port: number): Promise<TcpAnswer> {
  const { exitCode } = await probe('timeout', String(patience), 'bash', '-c', 'exec 3<> "/dev/tcp/$1/$2"', 'bash', host, String(port));
  if (exitCode === 0) return 'answers';
  // of timeout(1): 124 the time is over, 126 and 127 there is no such program
  if (exitCode === 126 || exitCode === 127) return 'no bash';
  if (exitCode === 124) return 'silent';
  // bash says all else in words alone
  if (isIP(host) === 0) return (await probe('getent', 'ahosts', host)).exitCode === unknownName ? 'unknown name' : 'refused';
  return (await probe('ip', 'route', 'get', host)).exitCode === unreachable ? 'no route' : 'refused';
}

/** What became of a connection that was not made, as the end of a sentence that begins with the address. */
export const tcpWords: Readonly<Record<Exclude<TcpAnswer, 'answers' | 'no bash'>, string>> = {
  silent: 'does not answer', refused: 'refuses', 'no route': '(no route there)', 'unknown name': '(its name is not known here)',
};

/** What to do on a host from which nodes cannot be reached, by what became of the connections to them. A firewall is in the way only of what has a way. */
export function reachFix(answers: Iterable<TcpAnswer>, port: number): string {
  const all = new Set(answers);
  if (all.has('no route')) return routeFix;
  if (all.has('unknown name')) return nameFix;
  return `Open the port on those hosts, for example: firewall-cmd --add-port=${String(port)}/tcp --permanent && firewall-cmd --reload`;
}

/** What to do about a name that a host does not know. */
export const nameFix = 'Try it on the host: getent ahosts NAME. Let its resolver know the name, or name the server by its address.';

/** What to do about an address for which the kernel of a host has no route. */
export const routeFix = 'Give this host an address of the same kind (IPv4 or IPv6) and a route there, or name the other side by an address of a kind that this host has.';

/** Host and port of an address such as http://[fd00::1]:8081. */
export function endpointOf(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (protocol === 'https:' ? 443 : 80) };
}
