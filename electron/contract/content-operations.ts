import { z } from 'zod';
import { artifactEffect, artifactItem, artifactPlace, uploadBegun, uploadedFile } from './artifacts.ts';
import { command, done, inCluster, query } from './operation.ts';
import { repositoryEffect, repositoryList, repositorySettings } from './repositories.ts';
import { searchFindings, searchQuestion } from './search.ts';

const inRepository = inCluster.extend({ key: z.string().min(1).max(64) });

/** Repositories and what is in them. Bytes go another way: see `contentFilePath` and `contentUploadPath`. */
export const contentOperations = {
  'repositories.list': query(inCluster, repositoryList),
  /** the configuration in Artifactory's JSON; secrets are never in it */
  'repositories.show': query(inRepository, repositorySettings),
  'repositories.create': command(inRepository.extend({ settings: repositorySettings }), repositorySettings),
  /** fields that are left out stay as they are */
  'repositories.change': command(inRepository.extend({ settings: repositorySettings }), repositorySettings),
  /** what a removal would break, asked before it */
  'repositories.effect': query(inRepository, repositoryEffect),
  /** with everything in it. `confirm` is the key. Throws CONFIRMATION_NEEDED. */
  'repositories.remove': command(inRepository.extend({ confirm: z.string().optional() }), done),

  'artifacts.item': query(artifactPlace, artifactItem),
  'artifacts.effect': query(artifactPlace, artifactEffect),
  /** a file, or a folder with everything in it */
  'artifacts.remove': command(artifactPlace, done),
  /** in one repository, or in all of them */
  'artifacts.search': query(inCluster.extend({ question: searchQuestion, repository: z.string().min(1).max(64).optional() }), searchFindings),
  /** what the properties named in `set` are from now on, and which go; of a folder with `recursive`: of everything in it too. All of it or nothing. Throws PROPERTY_INVALID. */
  'artifacts.annotate': command(artifactPlace.extend({ set: z.record(z.string().min(1).max(1000), z.array(z.string().max(10_000)).min(1).max(1000)).default({}), remove: z.array(z.string().min(1).max(1000)).max(200).default([]), recursive: z.boolean().default(false) }), done),

  /** whether deleted artifacts are kept, and for how long; null: this cluster keeps none */
  'trash.settings': query(inCluster, z.object({ enabled: z.boolean(), retentionDays: z.number().int() }).nullable()),
  'trash.configure': command(inCluster.extend({ enabled: z.boolean(), retentionDays: z.number().int().min(1).max(3650) }), done),
  /** a file or folder back to where it was deleted from, or elsewhere. Throws ARTIFACT_EXISTS when the place was taken meanwhile. */
  'trash.restore': command(artifactPlace.extend({ to: z.object({ repository: z.string(), path: z.string() }).strict().optional() }), done),
  /** for good: one file or folder */
  'trash.remove': command(artifactPlace, done),
  /** for good: everything. `confirm` is "empty trash". Throws CONFIRMATION_NEEDED. */
  'trash.empty': command(inCluster.extend({ confirm: z.string().optional() }), done),

  /** of the paths that somebody is about to upload to, those at which there is something already */
  'uploads.taken': query(inRepository.extend({ paths: z.array(z.string().min(1).max(1024)).max(20_000) }), z.array(z.string())),
  /** Throws ARTIFACT_EXISTS when there is a file and `replace` is not set. What is begun is sent slice by slice, then finished. */
  'uploads.begin': command(artifactPlace.extend({ size: z.number().int().nonnegative(), replace: z.boolean().default(false) }), uploadBegun),
  /** once every byte was sent. Throws ARTIFACT_EXISTS when a file came to the path meanwhile and `replace` was not set, UPLOAD_NOT_FOUND, BODY_TRUNCATED, CHECKSUM_MISMATCH, and what the node says. */
  'uploads.finish': command(z.object({ uploadId: z.string() }).strict(), uploadedFile),
  /** nothing of it is kept; no error when it is over already */
  'uploads.cancel': command(z.object({ uploadId: z.string() }).strict(), done),
} as const;
