import { z } from 'zod';
import { runFailure } from './runs.ts';

export const rotatedSecret = z.enum(['cluster-key', 'database-password']);
export type RotatedSecret = z.infer<typeof rotatedSecret>;

/** How far a rotation is. Each phase is on all nodes before the next one begins, so that it can be interrupted anywhere and run again. */
export const rotationProgress = z.object({
  clusterId: z.string(),
  what: rotatedSecret,
  phase: z.number().int(),
  phases: z.number().int(),
  /** what this phase is for, in words */
  title: z.string(),
  /** the node that has just taken it over; null: the phase begins */
  nodeId: z.string().nullable(),
});
export type RotationProgress = z.infer<typeof rotationProgress>;

const time = z.number().describe('milliseconds since 1970');

/** One secret of a cluster, without the secret: what replacing it does, and whether somebody is at it. */
export const secretState = z.object({
  what: rotatedSecret,
  /** what each phase of replacing it is for, in their order */
  phases: z.array(z.string()),
  /** `interrupted`: begun and not finished, so old and new are both valid until it is run again */
  state: z.enum(['idle', 'under-way', 'interrupted']),
  /** how far it was when last heard of, by whichever program of this machine carries it out; null when it was never begun here, or is done */
  progress: rotationProgress.nullable(),
  /** when this app replaced it last; null: never */
  replacedAt: time.nullable(),
  /** why it cannot be replaced now; null when it can */
  problem: runFailure.nullable(),
});
export type SecretState = z.infer<typeof secretState>;

export const clusterSecrets = z.object({
  clusterId: z.string(),
  secrets: z.array(secretState),
  /** the latest copy of the cluster key that this app has given out; null: none */
  keyCopy: z.object({
    savedAt: time,
    /** it holds the key in use */
    isPresent: z.boolean(),
  }).nullable(),
});
export type ClusterSecrets = z.infer<typeof clusterSecrets>;

/** A copy of the cluster key, encrypted under a passphrase: worth nothing without it. */
export const keyCopy = z.object({
  /** a name for the file */
  name: z.string(),
  text: z.string(),
});

/** Long enough that guessing it costs more than it is worth, with scrypt in front. */
export const copyPassphrase = z.string().min(12, 'at least 12 characters').max(1024);
