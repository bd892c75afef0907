import { z } from 'zod';

/** Fields of a Python repository's JSON, named as Artifactory names them. */
export const pypiSettings = z.object({
  /** where a remote repository finds the index, when that is not below its `url`: PyPI keeps files and index on two hosts */
  pyPIRegistryUrl: z.url({ protocol: /^https?$/ }).max(2000).or(z.literal('')).default(''),
  /** path of the index below that address */
  pyPIRepositorySuffix: z.string().max(200).regex(/^[\w.\-/]*$/).default('simple'),
});
export type PypiSettings = z.infer<typeof pypiSettings>;
