import type { z } from 'zod';
import type { CacheKey, Reader, Touched } from '../cluster/ports.ts';

/** What a format sees of a repository. */
export interface FormatRepository {
  readonly id: number;
  readonly key: string;
  /** parsed by the format's `settings` */
  readonly config: Readonly<Record<string, unknown>>;
}

/** A document that is made of what is in the repository and never stored as it was sent. */
export interface ComputedDocument {
  /** under which it is cached; `touches` names it for each path that changes it */
  readonly key: CacheKey;
  readonly mimeType: string;
  /** The document now; undefined when there is nothing to make it of. */
  compute(db: Reader): Promise<ComputedContent | undefined>;
}

export interface ComputedContent {
  readonly bytes: Buffer;
  readonly modifiedAt: Date;
}

/**
 * What a package type adds to a repository of files. One folder each below `formats/`, with this as its `index.ts`;
 * `formats/index.ts` lists them.
 */
export interface Format {
  /** as Artifactory spells it in JSON: `generic`, `maven` */
  readonly packageType: string;
  /** as Artifactory spells it in lists: `Generic`, `Maven` */
  readonly displayName: string;
  /** Artifactory's name of the layout */
  readonly layout: string;
  /** the fields of the repository's JSON that belong to the format, with their defaults */
  readonly settings: z.ZodType<Record<string, unknown>>;
  /** @throws LAYOUT_VIOLATION when the repository does not take a file at this path */
  admit(repository: FormatRepository, path: string): void;
  /** Whether a file at this path is meant to be replaced by later ones (a snapshot), so that replacing needs no right to delete. */
  isMutable(path: string): boolean;
  /** The document at this path, if it is one that is computed; what a client sends there is taken and not kept. */
  computed(repository: FormatRepository, path: string): ComputedDocument | null;
  /** Cached answers that change when the file at `path` comes or goes. */
  touches(repository: FormatRepository, path: string): readonly CacheKey[];
  /** Cached answers that may change when anything below `folder` (ends in "/", or empty) comes or goes. */
  touchesBelow(repository: FormatRepository, folder: string): Touched;
}
