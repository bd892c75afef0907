import { z } from 'zod';

/** `up`: takes new requests; `draining`: answers ping with 503; `down`: does not answer; `unknown`: not asked yet. */
export const backendHealth = z.enum(['up', 'draining', 'down', 'unknown']);
export type BackendHealth = z.infer<typeof backendHealth>;

const traffic = {
  /** requests answered in the last second */
  requestsPerSecond: z.number(),
  /** body bytes moved in the last second, both directions together */
  bytesPerSecond: z.number(),
  /** requests under way */
  inFlight: z.number().int(),
  /** requests answered since the balancer started */
  requests: z.number().int(),
};

/** What the embedded balancer says of itself on its status address: `GET /` there, loopback only. */
export const balancerStatus = z.object({
  apiVersion: z.literal(1),
  /** milliseconds since 1970 by the balancer's clock */
  at: z.number(),
  startedAt: z.number(),
  pid: z.number().int(),
  listen: z.object({ host: z.string(), port: z.number().int() }),
  backends: z.array(z.object({
    nodeId: z.string(),
    url: z.string(),
    health: backendHealth,
    ...traffic,
    /** attempts that failed on this node and went on elsewhere */
    retries: z.number().int(),
    /** attempts that broke on this node (refused, reset, silent) */
    failures: z.number().int(),
  })),
  totals: z.object({
    ...traffic,
    /** further attempts made for requests that a node did not answer */
    retries: z.number().int(),
    /** downloads continued on another node after the first one broke */
    resumed: z.number().int(),
    /** requests that the balancer itself answered with 502 or 503, or had to cut off */
    failed: z.number().int(),
  }),
});
export type BalancerStatus = z.infer<typeof balancerStatus>;
