import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { parse } from 'yaml';
import { z } from 'zod';
import { BulkheadError } from '../contract/index.ts';

/** An object that may be left out altogether: every field inside has a default. */
const section = <S extends z.ZodRawShape>(shape: S) => z.strictObject(shape).prefault({} as never);
const milliseconds = (fallback: number, min: number, max: number) => z.number().int().min(min).max(max).default(fallback);
const port = z.number().int().min(0).max(65_535);
const mebibyte = 1024 * 1024;

const addressRange = z.string().refine((text) => {
  const [address, bits, ...rest] = text.split('/');
  const version = isIP(address ?? '');
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}, 'use an address or a range such as 10.0.0.0/8');

const backend = z.strictObject({
  nodeId: z.string().min(1).max(63),
  /** where the node listens: scheme, host and port, nothing more */
  url: z.url({ protocol: /^http$/ }).refine((text) => new URL(text).pathname === '/', 'name scheme, host and port only'),
});
export type BackendConfig = z.infer<typeof backend>;

/**
 * The embedded balancer's configuration file (YAML). Unknown keys are refused. It is read again when the file changes;
 * `listen` and `status` take effect with a new start only.
 */
export const balancerConfig = z.strictObject({
  listen: section({ host: z.string().default('127.0.0.1'), port: port.default(8080) }),
  /** address of the status page, for the control room on the same machine; loopback only */
  status: z.strictObject({
    host: z.enum(['127.0.0.1', '::1', 'localhost']).default('127.0.0.1'),
    port,
  }).optional(),
  backends: z.array(backend).max(64).default([]).refine(
    (list) => new Set(list.map((entry) => entry.nodeId)).size === list.length, 'each nodeId may occur once only'),
  cookie: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/).default('BULKHEAD_NODE'),
  /** addresses or CIDR ranges whose X-Forwarded-For, -Proto and -Host are kept and added to */
  trustedProxies: z.array(addressRange).default([]),
  health: section({
    intervalMs: milliseconds(500, 20, 60_000),
    timeoutMs: milliseconds(1000, 20, 60_000),
    /** unanswered pings in a row before a node counts as down; a refused connection counts at once */
    failures: z.number().int().min(1).max(100).default(2),
  }),
  limits: section({
    /** a request body up to this size is taken in completely before it is sent on, so that it can be sent again */
    bufferedBodyBytes: z.number().int().min(0).max(1024 * mebibyte).default(64 * mebibyte),
    /** the part of such a body that stays in memory; what is larger goes to an unlinked temporary file */
    bufferedInMemoryBytes: z.number().int().min(0).max(16 * mebibyte).default(256 * 1024),
    maxHeaderBytes: z.number().int().min(1024).max(mebibyte).default(32 * 1024),
    maxConnections: z.number().int().min(1).default(10_000),
    connectionsPerBackend: z.number().int().min(1).max(10_000).default(512),
    /** a client has this long to send its request line and headers */
    headersTimeoutMs: milliseconds(15_000, 100, 600_000),
    /** a client that neither sends nor takes anything for this long is cut off */
    idleTimeoutMs: milliseconds(60_000, 100, 3_600_000),
    /** how long a request waits for a node that can take it */
    waitForBackendMs: milliseconds(2000, 0, 60_000),
    connectTimeoutMs: milliseconds(1000, 50, 60_000),
    /** a node that goes silent for this long in mid-answer has failed */
    answerTimeoutMs: milliseconds(300_000, 100, 3_600_000),
    /** after SIGTERM, requests under way get this long */
    stopDeadlineMs: milliseconds(30_000, 0, 3_600_000),
  }),
  log: section({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') }),
});
export type BalancerConfig = z.infer<typeof balancerConfig>;

/** @throws CONFIG_INVALID with the path of each bad entry in `details` */
export function parseBalancerConfig(text: string): BalancerConfig {
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    throw new BulkheadError('CONFIG_INVALID', 'The balancer configuration is not YAML', { details: [{ path: '', problem: String(error) }] });
  }
  const result = balancerConfig.safeParse(document ?? {});
  if (result.success) return result.data;
  const details = result.error.issues.map((issue) => ({ path: issue.path.join('.'), problem: issue.message }));
  const first = details.map((entry) => `${entry.path || 'file'}: ${entry.problem}`).join('; ');
  throw new BulkheadError('CONFIG_INVALID', `The balancer configuration is not valid: ${first}`, { details });
}

/** @throws CONFIG_INVALID also when the file cannot be read */
export async function loadBalancerConfig(file: string): Promise<BalancerConfig> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new BulkheadError('CONFIG_INVALID', `The balancer configuration ${file} cannot be read`, { cause: error });
  }
  return parseBalancerConfig(text);
}
