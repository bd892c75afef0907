import { z } from 'zod';

/** Fields of a Maven repository's JSON, named as Artifactory names them. */
export const mavenSettings = z.object({
  /** takes versions that do not end in -SNAPSHOT */
  handleReleases: z.boolean().default(true),
  /** takes versions that end in -SNAPSHOT */
  handleSnapshots: z.boolean().default(true),
  /** snapshots are kept under the names that the client gives them */
  snapshotVersionBehavior: z.literal('deployer').default('deployer').catch('deployer'),
});
export type MavenSettings = z.infer<typeof mavenSettings>;
