import { z } from 'zod';

/** Fields of a Maven repository's JSON, named as Artifactory names them. */
export const mavenSettings = z.object({
  /** takes versions that do not end in -SNAPSHOT */
  handleReleases: z.boolean().default(true),
  /** takes versions that end in -SNAPSHOT */
  handleSnapshots: z.boolean().default(true),
  /** builds of a unique snapshot that are kept; 0: all of them */
  maxUniqueSnapshots: z.number().int().min(0).max(100_000).default(0),
  /** `client-checksums`: a checksum file that differs from its artifact is refused; `server-generated-checksums`: it is taken and not looked at */
  checksumPolicyType: z.enum(['client-checksums', 'server-generated-checksums']).default('client-checksums'),
  /** snapshots are kept under the names that the client gives them */
  snapshotVersionBehavior: z.literal('deployer').default('deployer').catch('deployer'),
});
export type MavenSettings = z.infer<typeof mavenSettings>;
