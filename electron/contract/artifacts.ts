import { z } from 'zod';

/** Where the shells give out a file: `?cluster=…&repository=…&path=…`. */
export const contentFilePath = '/content/file';
/** Where the shells take the bytes of an upload: `/content/uploads/{uploadId}?at={offset}`, one slice a request. */
export const contentUploadPath = '/content/uploads/';
/** Largest slice, bytes: it is in memory while the node takes it. */
export const maxSliceBytes = 4 * 1024 * 1024;

export const artifactPlace = z.object({
  clusterId: z.string(),
  repository: z.string().min(1).max(64),
  /** without a slash at either end; empty for the repository itself */
  path: z.string().max(1024),
}).strict();
export type ArtifactPlace = z.infer<typeof artifactPlace>;

export const folderChild = z.object({ name: z.string(), folder: z.boolean() });
export type FolderChild = z.infer<typeof folderChild>;

const stamps = {
  repository: z.string(),
  path: z.string(),
  created: z.string(),
  createdBy: z.string(),
  modified: z.string(),
  modifiedBy: z.string(),
  /** null: this cluster keeps none, or they could not be asked for */
  properties: z.record(z.string(), z.array(z.string())).nullable(),
};

/** What is at a path. */
export const artifactItem = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('file'), ...stamps,
    size: z.number(),
    mimeType: z.string(),
    /** where clients fetch it */
    downloadUri: z.string(),
    checksums: z.object({ sha256: z.string(), sha1: z.string(), md5: z.string() }),
    /** what the one who deployed it declared; a checksum that was not declared is null */
    declared: z.object({ sha256: z.string().nullable(), sha1: z.string().nullable(), md5: z.string().nullable() }),
  }),
  z.object({ kind: z.literal('folder'), ...stamps, children: z.array(folderChild) }),
]);
export type ArtifactItem = z.infer<typeof artifactItem>;

/** What deleting a file or folder takes away. */
export const artifactEffect = z.object({
  files: z.number().int(),
  bytes: z.number(),
  /** whether it can be restored afterwards */
  trash: z.boolean(),
});
export type ArtifactEffect = z.infer<typeof artifactEffect>;

export const uploadBegun = z.object({ uploadId: z.string(), maxSliceBytes: z.number().int() });

export const uploadedFile = z.object({
  repository: z.string(),
  path: z.string(),
  size: z.number(),
  /** computed here while the bytes were sent, and by the node when it had stored them: they agree */
  sha256: z.string(),
  downloadUri: z.string(),
});
export type UploadedFile = z.infer<typeof uploadedFile>;

/** The repository in which deleted artifacts are kept, below the key of the one that they were deleted from. */
export const trashRepository = 'auto-trashcan';
/** What is typed before everything in it is deleted for good. */
export const emptyTrashWords = 'empty trash';
