import type { LanCluster, LanSettings } from '../../contract/index.ts';

/**
 * What a cluster's settings become with a balancer in front: its addresses join the proxies that nodes trust, and its own is the
 * cluster's public one, unless that was given by hand.
 * @param former the address that the same balancer had before; null when it is new
 */
export function settingsBehind({ settings, nodes }: Pick<LanCluster, 'settings' | 'nodes'>, addresses: readonly string[], url: string, former: string | null): LanSettings {
  const byHand = settings.baseUrl !== undefined && settings.baseUrl !== former && nodes.every((node) => node.url !== settings.baseUrl);
  return { ...settings, baseUrl: byHand ? settings.baseUrl : url, trustedProxies: [...new Set([...settings.trustedProxies, ...addresses])] };
}
