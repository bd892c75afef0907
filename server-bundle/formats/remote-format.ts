import type { ComputedContent, FormatRepository } from './format.ts';

/** One request to the upstream of a remote repository. */
export interface UpstreamRequest {
  /** below the repository's `url`; absolute where upstream keeps files elsewhere (it passes the same address rules) */
  readonly url: string;
  /** of the Accept header */
  readonly accept?: string;
  /** `document`: changes upstream and is asked for again after the retrieval period; `file`: never changes under its path */
  readonly kind: 'document' | 'file';
  /** digests that upstream has promised; what arrives with others is not kept and not passed on */
  readonly expected?: { readonly sha256?: string; readonly sha1?: string; readonly sha512?: string; readonly md5?: string };
  /** upstream keeps checksums in files beside this one (`.sha1`): what they say is held against the bytes, as the repository's policy wants it */
  readonly hasSidecars?: boolean;
  /** `upstream`: the file is kept under the media type that upstream names, whatever its name says. Default: by its name, where that tells one */
  readonly mediaType?: 'name' | 'upstream';
}

/** A document of the same remote repository, as upstream sent it; undefined when upstream has none. It is fetched when it is not there. */
export type UpstreamDocument = (path: string) => Promise<Buffer | undefined>;

/** How a format's repository stands in for one elsewhere. Cached answers of upstream are artifacts of the remote repository, under the same paths. */
export interface RemoteFormat {
  /** What to ask upstream for a path; null for a path that upstream cannot have. */
  upstream(repository: FormatRepository, path: string, documentOf: UpstreamDocument): Promise<UpstreamRequest | null>;
  /**
   * What the repository answers at a document's path, made of what upstream sent there (addresses rewritten to ours). Pure; what takes long gives others their turn meanwhile. Without it upstream's
   * bytes are answered as they are.
   * @throws UPSTREAM_INVALID when upstream sent something else
   */
  document?(repository: FormatRepository, path: string, upstream: { readonly bytes: Buffer; readonly modifiedAt: Date }, root: string): ComputedContent | Promise<ComputedContent>;
  /** Where the upstream bytes of a computed document are kept, when several documents are made of one. Default: the path itself. */
  sourceOf?(path: string): string;
  /** Whether what is kept at a path is a list that upstream has answered: it is made of other files elsewhere, so that copies and moves leave it out. */
  isList?(path: string): boolean;
}
