import { z } from 'zod';

export const repositoryClass = z.enum(['local', 'remote', 'virtual']);
export type RepositoryClass = z.infer<typeof repositoryClass>;

/** How much is in a repository, as its cluster counted it last. */
export const repositoryUsage = z.object({
  files: z.number().int(),
  folders: z.number().int(),
  /** as clients see them: content that is stored once and named twice counts twice */
  bytes: z.number(),
});
export type RepositoryUsage = z.infer<typeof repositoryUsage>;

export const repositorySummary = z.object({
  key: z.string(),
  rclass: repositoryClass,
  /** as in configurations: "generic", "maven", "npm" */
  packageType: z.string(),
  description: z.string(),
  /** address for clients, from the cluster's own public address */
  url: z.string(),
  /** null: not known. A virtual repository holds nothing itself. */
  usage: repositoryUsage.nullable(),
});
export type RepositorySummary = z.infer<typeof repositorySummary>;

export const repositoryList = z.object({
  repositories: z.array(repositorySummary),
  /** false: the cluster does not count what is in its repositories, or could not be asked */
  usageKnown: z.boolean(),
});
export type RepositoryList = z.infer<typeof repositoryList>;

/** The fields of Artifactory's repository JSON; which of them there are depends on class and package type. The cluster checks them. */
export const repositorySettings = z.record(z.string().min(1).max(100), z.json());
export type RepositorySettings = z.infer<typeof repositorySettings>;

/** What deleting a repository would break. */
export const repositoryEffect = z.object({
  key: z.string(),
  rclass: repositoryClass,
  usage: repositoryUsage.nullable(),
  /** virtual repositories that would lose it as a member */
  memberOf: z.array(z.string()),
  /** of them, those that could not be deployed to any more */
  deployTargetOf: z.array(z.string()),
  /** permission targets that name it; null: not known */
  permissions: z.array(z.string()).nullable(),
  /** who has used it lately by the audit log, the latest first; null: not known */
  clients: z.array(z.object({ user: z.string(), address: z.string(), lastSeen: z.string() })).nullable(),
});
export type RepositoryEffect = z.infer<typeof repositoryEffect>;
