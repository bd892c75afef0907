import type { Probe } from './check.ts';

/** how long an address may take to answer, seconds */
const patience = 5;

export type TcpAnswer = 'answers' | 'refused' | 'silent' | 'no bash';

/** A TCP connection from where `probe` runs; bash alone can make one without anything being installed. */
export async function tryTcp(probe: Probe, host: string, port: number): Promise<TcpAnswer> {
  const { exitCode } = await probe('timeout', String(patience), 'bash', '-c', 'exec 3<> "/dev/tcp/$1/$2"', 'bash', host, String(port));
  if (exitCode === 0) return 'answers';
  // of timeout(1): 124 the time is over, 126 and 127 there is no such program
  if (exitCode === 126 || exitCode === 127) return 'no bash';
  return exitCode === 124 ? 'silent' : 'refused';
}

/** Host and port of an address such as http://[fd00::1]:8081. */
export function endpointOf(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (protocol === 'https:' ? 443 : 80) };
}
