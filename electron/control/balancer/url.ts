import { isIP } from 'node:net';
import type { BalancerOptions } from '../../contract/index.ts';

/** Where clients reach a balancer on the host with this address. */
export function urlFor(hostAddress: string, { listen, tls, serverNames }: BalancerOptions): string {
  const name = serverNames.find((each) => !each.startsWith('*')) ?? (listen.address === '*' || listen.address === '0.0.0.0' || listen.address === '::' ? hostAddress : listen.address);
  const host = isIP(name) === 6 ? `[${name}]` : name;
  const standard = listen.port === (tls === null ? 80 : 443);
  return `${tls === null ? 'http' : 'https'}://${host}${standard ? '' : `:${listen.port}`}`;
}
