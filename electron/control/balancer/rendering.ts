import type { BalancerBackend, BalancerOptions, BalancerProduct, BalancerRendering, BalancerStatus, LanCluster } from '../../contract/index.ts';
import { limitsOf } from './limits.ts';
import { render } from './render.ts';
import type { readStamp } from './stamp.ts';
import { modelOfTarget } from './steps.ts';

/** What a product would be given, and what a person should know of it. Throws CONFIG_INVALID. */
export function rendering(cluster: LanCluster, product: BalancerProduct, options: BalancerOptions, backends: readonly BalancerBackend[]): BalancerRendering {
  const { clusterId, settings } = cluster;
  const { model, place } = modelOfTarget({ product, clusterName: settings.name, options, backends: [...backends] });
  return {
    clusterId, product, options, backends: [...backends],
    files: [{ path: place.file, content: render(model) }],
    install: place.install, check: place.check.join(' '), reload: `systemctl reload ${place.unit}`,
    limits: limitsOf(product, options),
    warnings: [
      ...(backends.length === 0 ? ['The cluster has no nodes yet.'] : []),
      ...(settings.trustedProxies.length === 0 ? ['The nodes trust no balancer yet: without its address among the trusted proxies a repeated PUT may be done twice.'] : []),
      ...(place.marks === null ? [] : [`The text is a part of ${place.file}, between "${place.marks.begin}" and "${place.marks.end}"; what else is in the file stays.`]),
    ],
  };
}

/** How the text on a host stands to the one that is wanted, and why. @param found what the text says of itself */
export function judged(content: string, wanted: string, found: ReturnType<typeof readStamp>): readonly [BalancerStatus['state'], string] {
  if (content === wanted) return ['in-step', ''];
  if (content === '') return ['missing', 'The configuration is not on the host'];
  if (found === null) return ['edited', 'The file on the host was not written by this app'];
  if (found.edited) return ['edited', 'Somebody has changed the file on the host'];
  return ['behind', 'Nodes or options have changed since it was applied'];
}
