import { z } from 'zod';

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
