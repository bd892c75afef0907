import { z } from 'zod';
import type { Repository } from './repository.ts';

/** Fields of a virtual repository's JSON beyond those of every repository, named as Artifactory names them. */
export const virtualSettings = z.object({
  /** keys of the members, in the order in which they are asked */
  repositories: z.array(z.string()).max(200).default([]).refine((keys) => new Set(keys).size === keys.length, 'a member is named twice'),
  /** local member that takes what is deployed to the virtual repository; empty: none does */
  defaultDeploymentRepo: z.string().default(''),
  /** false: a request that another Artifactory makes for its own remote repository gets only what is local or cached */
  artifactoryRequestsCanRetrieveRemoteArtifacts: z.boolean().default(false),
});
export type VirtualSettings = z.infer<typeof virtualSettings>;

const read = new WeakMap<object, VirtualSettings>();

/** What is stored of a virtual repository's class; no members for a repository of another one. */
export function virtualOf(repository: Pick<Repository, 'config'>): VirtualSettings {
  const { config } = repository;
  let settings = read.get(config);
  if (settings === undefined) {
    settings = virtualSettings.parse(config);
    read.set(config, settings);
  }
  return settings;
}
