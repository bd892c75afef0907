import { z } from 'zod';

const words = z.string().min(1).max(1024);

/** What artifacts are looked for by. */
export const searchQuestion = z.discriminatedUnion('by', [
  /** file name; `*` and `?` stand for any letters, without them it is the beginning of the name */
  z.object({ by: z.literal('name'), name: words }).strict(),
  /** path inside one repository, with `*` and `?` */
  z.object({ by: z.literal('path'), pattern: words }).strict(),
  /** MD5, SHA-1 or SHA-256, in hexadecimal digits: its length tells which */
  z.object({ by: z.literal('checksum'), checksum: z.string().regex(/^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/i) }).strict(),
  /** all of them; an empty value is any */
  z.object({ by: z.literal('property'), properties: z.record(z.string().min(1).max(255), z.string().max(1024)) }).strict(),
  /** Maven's; at least group or artifact */
  z.object({ by: z.literal('coordinates'), group: words.optional(), artifact: words.optional(), version: words.optional(), classifier: words.optional() }).strict(),
]);
export type SearchQuestion = z.infer<typeof searchQuestion>;

export const foundArtifact = z.object({
  repository: z.string(),
  path: z.string(),
  kind: z.enum(['file', 'folder']),
  /** bytes; null for a folder, and where the search does not tell */
  size: z.number().nullable(),
  /** ISO 8601; null where the search does not tell */
  modified: z.string().nullable(),
});
export type FoundArtifact = z.infer<typeof foundArtifact>;

/** What was found; `truncated`: there is more of it than one answer holds. */
export const searchFindings = z.object({ found: z.array(foundArtifact), truncated: z.boolean() });
export type SearchFindings = z.infer<typeof searchFindings>;
