import { z } from 'zod';

const hostName = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/i, 'use letters, digits, "." and "-", at most 63');
// whitespace and the characters of patterns would make a line of known_hosts mean something else
const address = z.string().min(1).max(255).regex(/^[^\s,*?!|#@/[\]]+$/, 'a name or an address, without port and user');
const port = z.number().int().min(1).max(65_535);
// those of a directory may be ada@corp.example
const user = z.string().min(1).max(64).regex(/^[^-\s@:][^\s:]*$/, 'the name of a user');

/** How to sign in on a host. What is secret goes in and never comes out again. */
export const hostAuth = z.discriminatedUnion('kind', [
  /** `socket`: the agent's (IdentityAgent); that of SSH_AUTH_SOCK when left out */
  z.object({ kind: z.literal('agent'), socket: z.string().min(1).max(4096).optional() }).strict(),
  /** `agent`: socket of the agent that may hold the key, where the file cannot be used by itself; that of SSH_AUTH_SOCK when left out, none with `none` */
  z.object({ kind: z.literal('key'), file: z.string().min(1).max(4096), passphrase: z.string().max(1024).optional(), agent: z.string().min(1).max(4096).optional() }).strict(),
  z.object({ kind: z.literal('password'), password: z.string().min(1).max(1024) }).strict(),
  /** `password` answers the first single hidden question; a person answers all others (see `hosts.questions`) */
  z.object({ kind: z.literal('keyboard-interactive'), password: z.string().min(1).max(1024).optional() }).strict(),
]);
export type HostAuth = z.infer<typeof hostAuth>;
export type HostAuthKind = HostAuth['kind'];

/** A host on the way to another one: one that the app knows (by id or name; its own jump hosts come first), or one written out. */
export const jumpHop = z.union([
  z.object({ host: z.string().min(1).max(63) }).strict(),
  z.object({
    address, port: port.default(22), user,
    /** the agent when left out: the credentials of the target are never shown to a host on the way */
    auth: hostAuth.optional(),
    fallbacks: z.array(hostAuth).max(8).optional(),
    /** the name under which its key is known, when that is not the address */
    hostKeyAlias: address.optional(),
  }).strict(),
]);
export type JumpHop = z.infer<typeof jumpHop>;

export const newHost = z.object({
  name: hostName,
  address,
  port: port.default(22),
  user,
  auth: hostAuth,
  /** tried after `auth`, in this order; for hosts that want more than one proof as well */
  fallbacks: z.array(hostAuth).max(8).optional(),
  /** the first one is connected to first */
  jump: z.array(jumpHop).max(8).optional(),
  /** the name under which its key is known, when that is not the address */
  hostKeyAlias: address.optional(),
  /** for sudo, when it asks for one; given on its standard input only */
  sudoPassword: z.string().max(1024).optional(),
}).strict();
export type NewHost = z.infer<typeof newHost>;

/** What `hosts.edit` may change; what is left out stays. `sudoPassword: null` forgets it. */
export const hostChanges = newHost.partial().omit({ port: true, sudoPassword: true, hostKeyAlias: true }).extend({
  port: port.optional(),
  hostKeyAlias: newHost.shape.hostKeyAlias.nullable(),
  sudoPassword: newHost.shape.sudoPassword.nullable(),
}).strict();
export type HostChanges = z.infer<typeof hostChanges>;

const authKind = z.enum(['agent', 'key', 'password', 'keyboard-interactive']);

export const hostSummary = z.object({
  hostId: z.string(),
  name: z.string(),
  address: z.string(),
  port: z.number().int(),
  user: z.string(),
  /** what is tried first */
  auth: authKind,
  /** everything that is tried, in this order; `detail` is the file of a key or the socket of an agent */
  signIn: z.array(z.object({ kind: authKind, detail: z.string().nullable() })),
  /** hosts on the way, the first one first; `host` is the name when it is one that the app knows */
  jump: z.array(z.object({ host: z.string().nullable(), user: z.string(), address: z.string(), port: z.number().int() })),
  hostKeyAlias: z.string().nullable(),
  /** a password for sudo is kept */
  hasSudoPassword: z.boolean(),
  /** the node on it, when this app put one there */
  node: z.object({ clusterId: z.string(), nodeId: z.string() }).nullable(),
});
export type HostSummary = z.infer<typeof hostSummary>;

export const checkResult = z.object({
  id: z.string(),
  category: z.enum(['system', 'network', 'database', 'filestore', 'service']),
  status: z.enum(['passed', 'warning', 'failed']),
  /** a warning that provisioning does not go past unless it is accepted by the name of its check; the others are only told */
  stops: z.boolean(),
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
  /** whose key this is: `user@address:port` of the first host on the way that is not trusted, or of the host itself */
  hop: z.string(),
  /** what the host shows now; null when it is trusted */
  key: z.object({ type: z.string(), fingerprint: z.string() }).nullable(),
  /** shows the fingerprint on the host itself, for comparison */
  command: z.string().nullable(),
  /** fingerprints that were trusted before, when it has changed */
  known: z.array(z.string()),
  /** `file:line` of a certificate authority that is named for this host and does not vouch for the key */
  authority: z.string().nullable(),
  /** why it does not, as a part of a sentence; null without an authority */
  why: z.string().nullable(),
});
export type HostKeyReport = z.infer<typeof hostKeyReport>;

/** What a host asks during a keyboard-interactive login; answered with `hosts.answer`. */
export const hostQuestion = z.object({
  questionId: z.string(),
  /** `user@address:port` */
  hop: z.string(),
  title: z.string(),
  instructions: z.string(),
  prompts: z.array(z.object({ text: z.string(), hidden: z.boolean() })),
});
export type HostQuestion = z.infer<typeof hostQuestion>;
