import { z } from 'zod';

export const balancerProduct = z.enum(['nginx', 'haproxy', 'apache']);
export type BalancerProduct = z.infer<typeof balancerProduct>;

/** How a distribution lays a product's files out: Debian and Ubuntu, or Red Hat and its relatives. */
export const balancerLayout = z.enum(['debian', 'redhat']);
export type BalancerLayout = z.infer<typeof balancerLayout>;

/** An absolute path that means the same in the configuration of each product: no blank, quote or variable in it. */
const hostPath = z.string().max(255).regex(/^(\/[A-Za-z0-9_@%+=-][A-Za-z0-9_.@%+=-]*)+$/, 'an absolute path of letters, digits and "._@%+=-"');
const address = z.union([z.ipv4(), z.ipv6(), z.literal('*')]);
const serverName = z.string().max(253).regex(/^(\*\.)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i, 'a DNS name, or one that begins with "*."');
const seconds = (fallback: number, min: number, max: number) => z.number().int().min(min).max(max).default(fallback);
const mebibyte = 1024 * 1024;

/** What can be chosen about a balancer; the same for all products. */
export const balancerOptions = z.object({
  /** address "*": all */
  listen: z.object({ address: address.default('*'), port: z.number().int().min(1).max(65_535).default(8080) }).strict().prefault({}),
  /** names that clients use; none: whatever they ask for on this port */
  serverNames: z.array(serverName).max(32).default([]),
  /** files on the balancer's host. For HAProxy the key is part of the certificate's file, or beside it as "<certificate>.key". */
  tls: z.object({ certificate: hostPath, key: hostPath }).strict().nullable().default(null),
  sticky: z.boolean().default(true),
  cookie: z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,63}$/, 'letters, digits and "_", at most 64').default('BULKHEAD_NODE'),
  timeouts: z.object({
    /** to a node; a host without power is given up after it */
    connectSeconds: seconds(2, 1, 60),
    /** silence of a node after which a request that can be repeated goes to another one */
    answerSeconds: seconds(30, 1, 3600),
    /** silence of a node that is put up with for everything else: POST, PATCH, large bodies */
    readSeconds: seconds(900, 1, 86_400),
    /** silence of a client */
    clientSeconds: seconds(300, 1, 86_400),
  }).strict().prefault({}),
  /** a PUT up to this size is taken in completely before it is sent on, and can be repeated; a larger one is streamed (nginx) */
  largeBodyBytes: z.number().int().min(0).max(16 * 1024 * mebibyte).default(64 * mebibyte),
  /** what a request may hold to be repeated by HAProxy; costs memory twice for each connection */
  haproxyBufferBytes: z.number().int().min(16_384).max(16 * mebibyte).default(128 * 1024),
  /** passes /v2/ and /artifactory/api/docker on */
  dockerPaths: z.boolean().default(true),
  layout: balancerLayout.default('debian'),
}).strict();
export type BalancerOptions = z.infer<typeof balancerOptions>;

/** A node as the balancer is told of it: `draining` gets no new request and finishes what it has. */
export const balancerBackend = z.object({ nodeId: z.string(), url: z.string(), state: z.enum(['serving', 'draining']) });
export type BalancerBackend = z.infer<typeof balancerBackend>;

export const balancerFile = z.object({ path: z.string(), content: z.string() });

/** What this product does to requests when a host is lost or drained; told where it is chosen. */
export const balancerLimits = z.object({
  /** one sentence */
  summary: z.string(),
  /** requests that can fail, each with when */
  canFail: z.array(z.string()),
  /** what never fails, as far as it was measured */
  holds: z.array(z.string()),
});
export type BalancerLimits = z.infer<typeof balancerLimits>;

export const balancerRendering = z.object({
  clusterId: z.string(),
  product: balancerProduct,
  options: balancerOptions,
  backends: z.array(balancerBackend),
  files: z.array(balancerFile),
  /** lines of shell, to be run as root */
  install: z.string(),
  check: z.string(),
  reload: z.string(),
  limits: balancerLimits,
  /** what should be known or done, for example that the nodes do not trust this balancer yet */
  warnings: z.array(z.string()),
});
export type BalancerRendering = z.infer<typeof balancerRendering>;

/** A node whose configuration about clients is not what its cluster's has become; it goes by its own until it is provisioned again. */
export const uninformedNode = z.object({
  nodeId: z.string(),
  hostId: z.string(),
  host: z.string(),
  /** the address that it names to clients */
  baseUrl: z.string(),
  /** proxies of the cluster that it does not trust */
  untrusted: z.array(z.string()),
  /** proxies that it trusts and that are none of the cluster's any more */
  stale: z.array(z.string()),
});
export type UninformedNode = z.infer<typeof uninformedNode>;

export const uninformedNodes = z.object({
  /** the cluster's public address; null while it has none */
  baseUrl: z.string().nullable(),
  nodes: z.array(uninformedNode),
});
export type UninformedNodes = z.infer<typeof uninformedNodes>;

/** A balancer that this app keeps in step with a cluster. */
export const balancer = z.object({
  balancerId: z.string(),
  clusterId: z.string(),
  /** of the inventory */
  hostId: z.string(),
  host: z.string(),
  product: balancerProduct,
  options: balancerOptions,
  /** address for clients */
  url: z.string(),
  /** milliseconds since 1970; null: never applied by this app */
  appliedAt: z.number().nullable(),
  /** what was applied last */
  appliedBackends: z.array(balancerBackend),
  /** would be rendered otherwise now than it was applied; true too when it was never applied. Asks no host. */
  outdated: z.boolean(),
  limits: balancerLimits,
});
export type Balancer = z.infer<typeof balancer>;

export const balancerDiff = z.object({
  path: z.string(),
  /** what is on the host now; null: nothing */
  before: z.string().nullable(),
  after: z.string(),
  changed: z.boolean(),
  /** with three lines of context; empty when nothing changes */
  unified: z.string(),
});

export const balancerPreview = balancerRendering.extend({
  balancerId: z.string(),
  host: z.string(),
  /** when the host was looked at */
  at: z.number(),
  /** of the product that is installed; null: it is not */
  version: z.string().nullable(),
  diffs: z.array(balancerDiff),
  changed: z.boolean(),
});
export type BalancerPreview = z.infer<typeof balancerPreview>;

export const balancerStatus = z.object({
  balancerId: z.string(),
  clusterId: z.string(),
  host: z.string(),
  product: balancerProduct,
  at: z.number(),
  /**
   * `in-step`: the host has what would be rendered now; `behind`: nodes or options have changed since; `edited`: somebody else has
   * changed the file; `missing`: the file is not there; `unreachable`: the host did not answer, nothing is known.
   */
  state: z.enum(['in-step', 'behind', 'edited', 'missing', 'unreachable']),
  /** why, in words; empty when it is in step */
  reason: z.string(),
  version: z.string().nullable(),
  /** the product's service; null: not known */
  running: z.boolean().nullable(),
  appliedAt: z.number().nullable(),
  /** nodes in the file on the host, and how the app would have them; null: not in it */
  backends: z.array(z.object({ nodeId: z.string(), url: z.string(), onHost: z.enum(['serving', 'draining']).nullable(), wanted: z.enum(['serving', 'draining']).nullable() })),
  /** the version before the one in use is kept on the host: undo is possible */
  canUndo: z.boolean(),
});
export type BalancerStatus = z.infer<typeof balancerStatus>;

