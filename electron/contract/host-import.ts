import { z } from 'zod';
import { hostSummary } from './hosts.ts';

/** Where ssh_config comes from: its text, a file, or `~/.ssh/config` when both are left out. */
export const sshConfigSource = z.object({
  text: z.string().max(1_000_000).optional(),
  path: z.string().min(1).max(4096).optional(),
}).strict();

export const notHonoured = z.object({
  directive: z.string(),
  value: z.string(),
  /** where it stands: `file:line` */
  at: z.string(),
  why: z.string(),
});

/** One host that ssh_config names; what `ssh NAME` would use. */
export const importableHost = z.object({
  /** as in its Host line */
  alias: z.string(),
  /** what it would be called here */
  name: z.string(),
  address: z.string(),
  port: z.number().int(),
  user: z.string(),
  identityFiles: z.array(z.string()),
  /** null: that of SSH_AUTH_SOCK; "none": no agent is asked */
  identityAgent: z.string().nullable(),
  hostKeyAlias: z.string().nullable(),
  /** the first one first */
  jump: z.array(z.object({ alias: z.string(), user: z.string(), address: z.string(), port: z.number().int() })),
  /** `same` and `different`: a host of this name is known already; `impossible`: see `problem` */
  state: z.enum(['new', 'same', 'different', 'impossible']),
  /** why it cannot be reached as ssh would, for example ProxyCommand */
  problem: z.string().nullable(),
  notHonoured: z.array(notHonoured),
});
export type ImportableHost = z.infer<typeof importableHost>;

export const sshConfigPreview = z.object({
  /** every file that was read, with Include */
  files: z.array(z.string()),
  hosts: z.array(importableHost),
  /** what concerns no single host: broken lines, files that cannot be read */
  warnings: z.array(z.string()),
});
export type SshConfigPreview = z.infer<typeof sshConfigPreview>;

/** Hosts that were taken over, and why others were not. */
export const importResult = z.object({
  added: z.array(hostSummary),
  changed: z.array(hostSummary),
  refused: z.array(z.object({ name: z.string(), code: z.string(), message: z.string() })),
});
export type ImportResult = z.infer<typeof importResult>;

const fleetAuth = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('agent'), socket: z.string().optional() }).strict(),
  z.object({ kind: z.literal('key'), file: z.string(), agent: z.string().optional() }).strict(),
  z.object({ kind: z.literal('password') }).strict(),
  z.object({ kind: z.literal('keyboard-interactive') }).strict(),
]);

const fleetLogin = { address: z.string().min(1).max(255), port: z.number().int().min(1).max(65_535).default(22), user: z.string().min(1).max(64) };

export const fleetHost = z.object({
  name: z.string().min(1).max(63),
  ...fleetLogin,
  /** in the order in which they are tried */
  auth: z.array(fleetAuth).min(1).max(9),
  jump: z.array(z.union([z.object({ host: z.string() }).strict(), z.object({ ...fleetLogin, auth: z.array(fleetAuth).min(1).max(9), hostKeyAlias: z.string().optional() }).strict()])).max(8).default([]),
  hostKeyAlias: z.string().optional(),
}).strict();
export type FleetHost = z.infer<typeof fleetHost>;

/** Hosts as a file, to be kept under version control and shared. It holds no secret, and unknown keys are refused. */
export const fleetFile = z.object({
  format: z.literal('bulkhead-fleet'),
  version: z.literal(1),
  hosts: z.array(fleetHost).max(1000),
}).strict();
export type FleetFile = z.infer<typeof fleetFile>;

export const fleetPreview = z.object({
  hosts: z.array(z.object({
    name: z.string(),
    login: z.string().describe('user@address:port'),
    /** `conflict`: it cannot be taken over, see `problem` */
    state: z.enum(['new', 'changed', 'same', 'conflict']),
    differences: z.array(z.object({ field: z.string(), here: z.string(), file: z.string() })),
    problem: z.string().nullable(),
    /** secrets that have to be given afterwards, because no file holds them */
    missing: z.array(z.enum(['passphrase', 'password'])),
  })),
});
export type FleetPreview = z.infer<typeof fleetPreview>;
