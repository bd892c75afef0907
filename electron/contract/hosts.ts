import { z } from 'zod';

const hostName = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/i, 'use letters, digits, "." and "-", at most 63');

/** How to sign in on a host. What is secret goes in and never comes out again. */
export const hostAuth = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('agent') }).strict(),
  z.object({ kind: z.literal('key'), file: z.string().min(1).max(4096), passphrase: z.string().max(1024).optional() }).strict(),
  z.object({ kind: z.literal('password'), password: z.string().min(1).max(1024) }).strict(),
]);
export type HostAuth = z.infer<typeof hostAuth>;

export const newHost = z.object({
  name: hostName,
  address: z.string().min(1).max(255),
  port: z.number().int().min(1).max(65_535).default(22),
  user: z.string().min(1).max(64),
  auth: hostAuth,
  /** for sudo, when it asks for one; given on its standard input only */
  sudoPassword: z.string().max(1024).optional(),
}).strict();
export type NewHost = z.infer<typeof newHost>;

export const hostSummary = z.object({
  hostId: z.string(),
  name: z.string(),
  address: z.string(),
  port: z.number().int(),
  user: z.string(),
  auth: z.enum(['agent', 'key', 'password']),
  /** the node on it, when this app put one there */
  node: z.object({ clusterId: z.string(), nodeId: z.string() }).nullable(),
});
export type HostSummary = z.infer<typeof hostSummary>;

export const checkResult = z.object({
  id: z.string(),
  category: z.enum(['system', 'network', 'database', 'filestore', 'service']),
  status: z.enum(['passed', 'warning', 'failed']),
  found: z.string(),
  fixes: z.array(z.string()),
});
export const hostReport = z.object({
  hostId: z.string(),
  name: z.string(),
  at: z.number().describe('milliseconds since 1970'),
  checks: z.array(checkResult),
});
export type HostReport = z.infer<typeof hostReport>;

export const hostKeyReport = z.object({
  state: z.enum(['trusted', 'unknown', 'changed']),
  /** what the host shows now; null when it is trusted */
  key: z.object({ type: z.string(), fingerprint: z.string() }).nullable(),
  /** shows the fingerprint on the host itself, for comparison */
  command: z.string().nullable(),
  /** fingerprints that were trusted before, when it has changed */
  known: z.array(z.string()),
});
export type HostKeyReport = z.infer<typeof hostKeyReport>;
