import { z } from 'zod';

/** One way of signing in that was tried, or could not be. Holds no secret. */
export const signInAttempt = z.object({
  method: z.enum(['agent', 'key', 'key-file', 'password', 'keyboard-interactive']),
  /** for example the file of the key and its fingerprint */
  with: z.string(),
  outcome: z.enum(['accepted', 'accepted, more is asked', 'refused', 'not offered by the host', 'not tried', 'could not be used', 'not needed']),
  reason: z.string().optional(),
});
export type SignInAttempt = z.infer<typeof signInAttempt>;

/** One host on the way, the last one is the target. */
export const testedHop = z.object({
  /** `user@address:port` */
  hop: z.string(),
  /** `not reached`: a hop before it failed */
  state: z.enum(['signed in', 'failed', 'not reached']),
  key: z.object({
    state: z.enum(['trusted', 'unknown', 'changed', 'revoked']),
    type: z.string(),
    fingerprint: z.string(),
    /** shows the fingerprint on the host itself; null when it is trusted */
    command: z.string().nullable(),
    /** fingerprints that were trusted before, when it has changed */
    known: z.array(z.string()),
  }).nullable().describe('null: no key was shown'),
  /** in the order in which they were tried */
  attempts: z.array(signInAttempt),
  durationMs: z.number().nullable(),
});
export type TestedHop = z.infer<typeof testedHop>;

/** Why a connection could not be made; of the registry of error codes. */
export const testFailure = z.object({ code: z.string(), message: z.string(), hint: z.string(), details: z.unknown().optional() });

export const hostFacts = z.object({
  hostname: z.string(),
  /** for example "Debian GNU/Linux 12 (bookworm)" */
  os: z.string(),
  kernel: z.string(),
  /** as `uname -m` says, for example x86_64 */
  cpu: z.string(),
  cpus: z.number().int().nullable(),
  memoryBytes: z.number().nullable(),
  /** null: no systemd */
  systemd: z.string().nullable(),
  /** seconds that the host's clock is ahead of this machine's; null when it cannot be told */
  clockAheadSeconds: z.number().nullable(),
});

export const hostTestReport = z.object({
  at: z.number().describe('milliseconds since 1970'),
  /** signed in, and root can be had */
  ok: z.boolean(),
  hops: z.array(testedHop),
  failure: testFailure.nullable(),
  /** how this login becomes root; null when nobody was signed in */
  privilege: z.object({
    kind: z.enum(['root', 'sudo', 'sudo with password', 'sudo password missing', 'sudo password refused', 'none']),
    /** what the host said, or what to do */
    note: z.string(),
  }).nullable(),
  facts: hostFacts.nullable(),
});
export type HostTestReport = z.infer<typeof hostTestReport>;
