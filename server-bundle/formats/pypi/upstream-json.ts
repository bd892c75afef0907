import { z } from 'zod';

/** A file as an index elsewhere lists it, in whichever spelling. */
export interface ListedFile {
  readonly fileName: string;
  /** as it is written there; may be relative to the list */
  readonly address: string;
  readonly hashes: Readonly<Record<string, string>>;
  readonly requiresPython: string | null;
  readonly size: number | null;
  readonly uploadedAt: string | null;
  readonly yanked: string | boolean;
  readonly metadata: Readonly<Record<string, string>> | boolean;
}

const digests = z.record(z.string(), z.string());
const metadata = z.union([z.boolean(), digests]);
const file = z.object({
  filename: z.string(),
  url: z.string(),
  hashes: digests.catch({}),
  'requires-python': z.string().nullish().catch(null),
  size: z.number().int().min(0).nullish().catch(null),
  'upload-time': z.string().nullish().catch(null),
  yanked: z.union([z.boolean(), z.string()]).catch(false).default(false).transform((yanked) => (yanked === '' ? false : yanked)),
  // the same under the name of PEP 714, of PEP 658, and as PyPI wrote it for a while
  'core-metadata': metadata.optional().catch(undefined),
  'dist-info-metadata': metadata.optional().catch(undefined),
  'data-dist-info-metadata': metadata.optional().catch(undefined),
});
const project = z.object({ files: z.array(z.unknown()) });
const projects = z.object({ projects: z.array(z.unknown()) });
const named = z.object({ name: z.string() });

/** PEP 691, of a project; null for something else. Entries that make no sense are passed over. */
export function filesInJson(text: string): ListedFile[] | null {
  const parsed = project.safeParse(json(text));
  if (!parsed.success) return null;
  return parsed.data.files.flatMap((each) => {
    const read = file.safeParse(each);
    if (!read.success) return [];
    const { filename, url, hashes, size, yanked, ...more } = read.data;
    return [{
      fileName: filename, address: url, hashes, size: size ?? null, yanked,
      requiresPython: more['requires-python'] ?? null, uploadedAt: more['upload-time'] ?? null,
      metadata: more['core-metadata'] ?? more['dist-info-metadata'] ?? more['data-dist-info-metadata'] ?? false,
    }];
  });
}

/** PEP 691, of a repository: names as they are written; null for something else. */
export function namesInJson(text: string): string[] | null {
  const parsed = projects.safeParse(json(text));
  if (!parsed.success) return null;
  return parsed.data.projects.flatMap((each) => {
    const read = named.safeParse(each);
    return read.success ? [read.data.name] : [];
  });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
