import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { CacheKey, Reader, Touched } from '../cluster/ports.ts';
import type { RemoteFormat } from './remote-format.ts';

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
  /**
   * The document now; undefined when there is nothing to make it of.
   * @param root public address of the context path (`https://host/artifactory`), for addresses in the document
   */
  compute(db: Reader, root: string): Promise<ComputedContent | undefined>;
}

export interface ComputedContent {
  readonly bytes: Buffer;
  readonly modifiedAt: Date;
  /** the same in the format's own terms, so that merging need not parse it again; belongs to the format alone */
  readonly value?: unknown;
}

/** How another path is found that stands for one. */
export interface StandIn {
  /** which is cached, and changes with the answer */
  readonly document: ComputedDocument;
  /** undefined when nothing stands for it */
  pathIn(content: ComputedContent): string | undefined;
}

/** A file on its way into a repository, or in it already. */
export interface InspectedFile {
  /** bytes */
  readonly size: number;
  readonly sha256: string;
  readonly sha1: string;
  readonly md5: string;
  /** all bytes, or those from `start` to `end`, both included */
  open(range?: ByteSpan): Promise<Readable>;
}

export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

/** Where a stored file is that gets another place. */
export interface FormerPlace {
  readonly packageType: string;
  readonly path: string;
  /** what is kept of it there; null when nothing is */
  readonly facts: unknown;
}

/** One member's part of a document that a virtual repository merges. */
export interface DocumentPart {
  readonly repository: FormatRepository;
  readonly content: ComputedContent;
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
  /**
   * Where a file may lie that stands for the one at this path, where there is none at the path itself (the newest build of a snapshot): what the document says of it. Null for a path that nothing stands in for.
   */
  standIn?(repository: FormatRepository, path: string): StandIn | null;
  /** Cached answers that change when the file at `path` comes or goes. */
  touches(repository: FormatRepository, path: string): readonly CacheKey[];
  /** Cached answers that may change when anything below `folder` (ends in "/", or empty) comes or goes. */
  touchesBelow(repository: FormatRepository, folder: string): Touched;
  /**
   * What the repository's indexes need to know of a file (a package's manifest), kept beside the artifact and taken along by copy and
   * move; null for a file that tells nothing. Runs before anything is committed, with limits on what it reads.
   * @throws what is wrong with the file, when the repository does not take it
   */
  inspect?(repository: FormatRepository, path: string, file: InspectedFile): Promise<unknown>;
  /**
   * The same for a file that is copied or moved to another path, or out of a repository of another format. Without it `inspect` looks, and facts from a repository of
   * the same format stay as they are.
   * @throws what is wrong with the file at this path
   */
  inspectMoved?(repository: FormatRepository, path: string, file: InspectedFile, from: FormerPlace): Promise<unknown>;
  /** Paths of files that a local repository does not keep any more, now that there is a file at `path`. Looked at after its deploy. */
  outlived?(db: Reader, repository: FormatRepository, path: string): Promise<readonly string[]>;
  /** how a repository of this format stands in for one elsewhere; without it there are no remote repositories of the format */
  readonly remote?: RemoteFormat;
  /**
   * One document made of those of a virtual repository's members, in their order of resolution. Pure: the result is kept for as long as the parts are
   * the same. Without it the first member that has the document answers.
   */
  merge?(repository: FormatRepository, path: string, parts: readonly DocumentPart[], root: string): ComputedContent;
  /** A document that a virtual repository without members has: clients begin with it. */
  empty?(path: string): ComputedContent | undefined;
}
