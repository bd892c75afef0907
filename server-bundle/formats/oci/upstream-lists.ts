import { z } from 'zod';
import { documentOf } from '../../repositories/resolve.ts';
import { referrersDocument, tagsDocument } from './documents.ts';
import { isTag, type Digest } from './names.ts';
import type { Registry, Scope } from './registry.ts';

export interface ReferrerDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A registry that pages without end is believed no further than this. */
const mostPages = 200;

const tagPage = z.object({ tags: z.array(z.string()).nullable() });
const referrers = z.object({
  manifests: z.array(z.object({
    mediaType: z.string(), digest: z.string(), size: z.number(), artifactType: z.string().optional(), annotations: z.record(z.string(), z.string()).optional(),
  })),
});

/** All tags of a name that a remote repository's upstream lists, page after page; undefined when it has no list to give. */
export async function tagsUpstream({ content }: Registry, { principal, name }: Scope, repositoryKey: string): Promise<string[] | undefined> {
  const all = new Set<string>();
  let after: string | null = null;
  for (let page = 0; page < mostPages; page += 1) {
    const document = await documentOf(content, principal, repositoryKey, tagsDocument(name, after));
    const parsed = document === undefined ? undefined : tagPage.safeParse(json(document.content.bytes));
    if (parsed?.success !== true) return page === 0 ? undefined : [...all];
    const fresh = (parsed.data.tags ?? []).filter((tag) => isTag(tag) && !all.has(tag));
    const last = fresh.at(-1);
    // at the end, or from a registry that knows no pages and always sends everything
    if (last === undefined) return [...all];
    for (const tag of fresh) all.add(tag);
    after = last;
  }
  return [...all];
}

/** What upstream lists as referring to a digest; empty when it does not know the call. */
export async function referrersUpstream({ content }: Registry, { principal, name }: Scope, repositoryKey: string, subject: Digest): Promise<ReferrerDescriptor[]> {
  const document = await documentOf(content, principal, repositoryKey, referrersDocument(name, subject));
  return document === undefined ? [] : descriptorsIn(document.content.bytes);
}

/** Entries of an index; none for what is no index. */
export function descriptorsIn(bytes: Buffer): ReferrerDescriptor[] {
  const parsed = referrers.safeParse(json(bytes));
  if (!parsed.success) return [];
  return parsed.data.manifests.map(({ artifactType, annotations, ...rest }) => ({
    ...rest, ...(artifactType === undefined ? {} : { artifactType }), ...(annotations === undefined ? {} : { annotations }),
  }));
}

function json(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
