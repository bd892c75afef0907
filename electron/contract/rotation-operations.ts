import { z } from 'zod';
import { command, inCluster, none, stream } from './operation.ts';
import { rotatedSecret, rotationProgress } from './rotation.ts';

/** New secrets for a cluster on hosts, while it serves. */
export const rotationOperations = {
  /**
   * Makes a new secret and gives it to every node without a restart. What was interrupted is finished by running it again.
   * `resumed`: it went on with one that was under way.
   */
  'clusters.rotate': command(inCluster.extend({ what: rotatedSecret }), z.object({ nodes: z.array(z.string()), resumed: z.boolean() })),
  /** what rotations of this program do, as it happens */
  'clusters.rotation': stream(none, rotationProgress),
} as const;
