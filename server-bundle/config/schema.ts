import { z } from 'zod';
import { databaseServers } from '../contract/index.ts';

const name = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/i, 'use letters, digits, "." and "-", at most 63');
const milliseconds = (fallback: number, min: number, max: number) => z.number().int().min(min).max(max).default(fallback);
/** An object that may be left out altogether: every field inside has a default. */
const section = <S extends z.ZodRawShape>(shape: S) => z.strictObject(shape).prefault({} as never);

/** The node's configuration file (YAML). `resources/bulkhead-node.example.yaml` explains every key. Unknown keys are refused. */
export const nodeConfig = z.strictObject({
  node: z.strictObject({
    id: name,
    /** where other members and the balancer reach this node, for example http://10.0.4.11:8081 */
    url: z.url({ protocol: /^https?$/ }),
    listen: section({
      host: z.string().default('0.0.0.0'),
      port: z.number().int().min(0).max(65_535).default(8081),
    }),
    /** processes that serve clients under this node's identity; 1: the node is one process; "auto": one for each core */
    workers: z.union([z.literal('auto'), z.number().int().min(1).max(64)]).default(1),
  }),
  cluster: z.strictObject({
    name: name.default('bulkhead'),
    /** file with the cluster key (at least 32 bytes, base64), readable by the service user only */
    keyFile: z.string(),
  }),
  /** public address of the cluster, written into answers (downloadUri, Location); never taken from a Host header */
  baseUrl: z.url({ protocol: /^https?$/ }),
  database: z.strictObject({
    /** one server, or several separated by commas, each with a port of its own if it wants: see `databaseServers` */
    host: z.string().refine((text) => databaseServers(text, 5432) !== null, 'name servers as host, host:port or [IPv6]:port, separated by commas, at most 8'),
    port: z.number().int().min(1).max(65_535).default(5432),
    name: z.string(),
    user: z.string(),
    passwordFile: z.string().optional(),
    tls: section({
      mode: z.enum(['disable', 'require', 'verify-full']).default('disable'),
      caFile: z.string().optional(),
    }),
    pool: section({
      min: z.number().int().min(2).max(1000).default(5),
      max: z.number().int().min(2).max(1000).default(20),
    }),
    /** connections the operator keeps for others */
    keepForOthers: z.number().int().min(0).default(5),
    statementTimeoutMs: milliseconds(30_000, 1000, 600_000),
  }),
  filestore: z.strictObject({
    path: z.string(),
  }),
  http: section({
    /** addresses or CIDR ranges whose X-Forwarded-For and X-Bulkhead-Request-Id are believed */
    trustedProxies: z.array(z.string()).default([]),
    /** client requests under way before further ones are shed with 429 */
    maxInFlight: z.number().int().min(8).max(100_000).default(1024),
    /** connections of clients; beyond it, the address with most of them loses its oldest idle one for each new one */
    maxConnections: z.number().int().min(16).max(1_000_000).default(16_384),
    maxJsonBytes: z.number().int().min(1024).default(1024 * 1024),
    /** a client that sends nothing for this long is cut off */
    idleTimeoutMs: milliseconds(60_000, 1000, 3_600_000),
  }),
  cache: section({
    entries: z.number().int().min(0).default(200_000),
    blobBytes: z.number().int().min(0).default(64 * 1024 * 1024),
    blobMaxBytes: z.number().int().min(0).default(256 * 1024),
  }),
  timing: section({
    heartbeatMs: milliseconds(250, 50, 5000),
    leaseTtlMs: milliseconds(2750, 500, 60_000),
    leaseMarginMs: milliseconds(500, 50, 10_000),
    coherenceWindowMs: milliseconds(1000, 200, 10_000),
    acknowledgeMs: milliseconds(300, 20, 10_000),
    /** how long a draining node goes on serving after ping has turned to 503 */
    drainNoticeMs: milliseconds(3000, 0, 60_000),
    drainDeadlineMs: milliseconds(60_000, 1000, 3_600_000),
  }),
  tasks: section({
    gc: section({
      intervalMinutes: z.number().min(0).default(60).describe('0 switches the schedule off'),
      graceSeconds: z.number().int().min(0).default(24 * 3600),
      /** from tombstone to deletion of the bytes, so that readers under way finish */
      deleteAfterSeconds: z.number().int().min(0).default(60),
      maxBlobsPerRun: z.number().int().min(1).default(1_000_000),
    }),
    replayResultHours: z.number().min(0.01).default(24),
    keepEvents: z.number().int().min(100).default(100_000),
  }),
  oci: section({
    /** largest manifest, bytes */
    maxManifestBytes: z.number().int().min(64 * 1024).max(256 * 1024 * 1024).default(16 * 1024 * 1024),
    /** largest blob, bytes */
    maxBlobBytes: z.number().int().min(1024 * 1024).default(256 * 1024 * 1024 * 1024),
    /** all chunks of an upload but the last have at least this size (`OCI-Chunk-Min-Length`), bytes; 0 says nothing */
    chunkMinBytes: z.number().int().min(0).default(0),
    /** chunks of one upload: each is a file until the upload is finished */
    maxChunks: z.number().int().min(1).default(10_000),
    /** uploads under way at the same time, in the whole cluster */
    maxUploads: z.number().int().min(1).default(10_000),
    /** an upload that nobody continues ends after this time */
    uploadHours: z.number().min(0.001).default(24),
    /** a blob that no manifest names goes after this time without use */
    unusedBlobHours: z.number().min(0).default(24),
    /** how often the master looks for both */
    expirySeconds: z.number().int().min(1).default(600),
  }),
  alerts: section({
    /** how often the master holds the rules against the facts */
    evaluateMs: milliseconds(2000, 100, 60_000),
    /** addresses or CIDR ranges that webhooks are sent to although they are loopback, link-local or the like */
    allowAddresses: z.array(z.string()).default([]),
  }),
  audit: section({
    /** an entry for each read too, not for changes and refusals alone */
    reads: z.boolean().default(false),
    keepDays: z.number().int().min(1).max(3650).default(180),
  }),
  log: section({
    level: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
    requests: z.boolean().default(true),
  }),
});
export type NodeConfig = z.infer<typeof nodeConfig>;
