import type { LanCluster, Planned, PlannedBalancer } from '../../contract/index.ts';
import { planOf } from '../provision/index.ts';
import { shownSteps } from './steps.ts';

/** What making a host the balancer of these nodes would do there: every command and file. Asks no host, writes nothing. Throws CONFIG_INVALID. */
export function planNewBalancer({ clusterId, settings, nodes }: LanCluster, host: { readonly hostId: string; readonly name: string }, { product, options }: PlannedBalancer): Planned {
  const plan = planOf(host.name, host.name, shownSteps({
    action: 'apply', balancerId: 'new', clusterId, clusterName: settings.name, hostId: host.hostId, product, options,
    backends: nodes.map(({ nodeId, url }) => ({ nodeId, url, state: 'serving' })), trustedProxies: settings.trustedProxies, leaving: [],
  }));
  return { ...plan, product };
}
