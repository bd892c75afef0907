import { z } from 'zod';

/** Fields of a Docker repository's JSON; those that Artifactory has are named as there. */
export const ociSettings = z.object({
  dockerApiVersion: z.literal('V2').default('V2').catch('V2'),
  /** tags, manifests and blobs may be deleted through the registry API; otherwise such calls are answered with 405 */
  allowDeletes: z.boolean().default(true),
});
export type OciSettings = z.infer<typeof ociSettings>;
