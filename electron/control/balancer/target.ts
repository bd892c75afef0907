import { z } from 'zod';
import { balancerBackend, balancerOptions, balancerProduct } from '../../contract/index.ts';

/** Everything that a run needs to know: kept with it, so that a later program can go on with it. */
export const balancerTarget = z.object({
  action: z.enum(['apply', 'undo', 'remove']),
  balancerId: z.string(),
  clusterId: z.string(),
  clusterName: z.string(),
  hostId: z.string(),
  product: balancerProduct,
  options: balancerOptions,
  backends: z.array(balancerBackend),
  trustedProxies: z.array(z.string()),
  /** nodes that are about to be taken away, by id */
  leaving: z.array(z.string()).default([]),
});
export type BalancerTarget = z.infer<typeof balancerTarget>;
