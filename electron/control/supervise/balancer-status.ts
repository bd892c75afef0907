import { request, type Dispatcher } from 'undici';
import { balancerStatus, type BalancerStatus } from '../../../server-bundle/contract/index.ts';

/** What the embedded balancer says of itself; null when it does not answer within a second. */
export async function readBalancerStatus(url: string, agent: Dispatcher): Promise<BalancerStatus | null> {
  try {
    const response = await request(url, { dispatcher: agent, signal: AbortSignal.timeout(1000) });
    return balancerStatus.parse(await response.body.json());
  } catch {
    return null;
  }
}
