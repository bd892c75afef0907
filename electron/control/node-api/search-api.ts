import { z } from 'zod';
import type { NodeConnection } from './node-connection.ts';

/** Folders have no size, and files come with it as text. */
const result = z.object({ repo: z.string(), path: z.string(), size: z.coerce.number().optional(), lastModified: z.string().optional() });
const results = z.object({ results: z.array(result), truncated: z.boolean().default(false) });
const files = z.object({ files: z.array(z.string()), truncated: z.boolean().default(false) });
export type StoredResults = z.output<typeof results>;

/** A node ends a search of its own accord before that, milliseconds. */
const searchMs = 15_000;

/** Searches over artifacts, as one node answers for its cluster. Throws SEARCH_TOO_BROAD, PARAMETER_INVALID, PROPERTY_INVALID. */
export class SearchApi {
  readonly #connection: NodeConnection;

  constructor(connection: NodeConnection) {
    this.#connection = connection;
  }

  /** @param kind "artifact", "checksum", "prop" or "gavc" of Artifactory's searches */
  async search(kind: 'artifact' | 'checksum' | 'prop' | 'gavc', asked: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<StoredResults> {
    return results.parse(await this.#connection.json(`/api/search/${kind}?${new URLSearchParams(asked).toString()}`, { signal, timeoutMs: searchMs, headers: { 'x-result-detail': 'info' } }));
  }

  /** Paths in one repository. */
  async pattern(repository: string, pattern: string, signal?: AbortSignal): Promise<z.output<typeof files>> {
    return files.parse(await this.#connection.json(`/api/search/pattern?${new URLSearchParams({ pattern: `${repository}:${pattern}` }).toString()}`, { signal, timeoutMs: searchMs }));
  }
}
