import type { Dispatcher } from 'undici';
import type { Readable } from 'node:stream';
import { z } from 'zod';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { errorOf, type NodeConnection } from './node-connection.ts';

const listedRepository = z.object({ key: z.string(), type: z.string(), packageType: z.string(), description: z.string().default(''), url: z.string() });
export type ListedRepository = z.infer<typeof listedRepository>;

const stamps = { created: z.string(), createdBy: z.string().default(''), lastModified: z.string(), modifiedBy: z.string().default('') };
const checksums = z.object({ sha256: z.string().optional(), sha1: z.string().optional(), md5: z.string().optional() }).default({});
const fileInfo = z.object({ ...stamps, size: z.coerce.number(), mimeType: z.string(), downloadUri: z.string(), checksums, originalChecksums: checksums });
const folderInfo = z.object({ ...stamps, children: z.array(z.object({ uri: z.string(), folder: z.boolean() })) });
const storedItem = z.union([folderInfo.transform((info) => ({ kind: 'folder' as const, ...info })), fileInfo.transform((info) => ({ kind: 'file' as const, ...info }))]);
export type StoredItem = z.output<typeof storedItem>;

const fileList = z.object({ files: z.array(z.object({ size: z.number(), folder: z.boolean() })) });
const deployed = z.object({ size: z.coerce.number(), downloadUri: z.string(), checksums: z.object({ sha256: z.string() }) });
export type Deployed = z.infer<typeof deployed>;

export interface PropertyChange {
  readonly set: Readonly<Record<string, readonly string[]>>;
  readonly remove: readonly string[];
  /** of a folder: everything in it as well */
  readonly recursive: boolean;
}

const storageSummary = z.object({
  repositoriesSummaryList: z.array(z.object({ repoKey: z.string(), filesCount: z.number(), foldersCount: z.number().default(0), usedSpaceInBytes: z.number() })),
});
export type CountedRepository = z.infer<typeof storageSummary>['repositoriesSummaryList'][number];

const trashSettings = z.object({ enabled: z.boolean(), retentionDays: z.number().int() });
const trashSettingsUrl = '/api/v1/settings/trash-can';

/** Lists of a large folder take a node longer than its ordinary answers, milliseconds. */
const listingMs = 30_000;

/** Repositories and artifacts, as one node answers for its cluster. */
export class ContentApi {
  readonly #connection: NodeConnection;

  constructor(connection: NodeConnection) {
    this.#connection = connection;
  }

  async repositories(signal?: AbortSignal): Promise<ListedRepository[]> {
    return z.array(listedRepository).parse(await this.#connection.json('/api/repositories', { signal, timeoutMs: 10_000 }));
  }

  /** What is in each repository, as counted last. Throws ROUTE_NOT_FOUND at a node of an older version. */
  async usage(signal?: AbortSignal): Promise<CountedRepository[]> {
    return storageSummary.parse(await this.#connection.json('/api/storageinfo', { signal, timeoutMs: 10_000 })).repositoriesSummaryList;
  }

  /** Has the cluster count anew; it takes a while. Throws ROUTE_NOT_FOUND at a node of an older version. */
  async calculateUsage(signal?: AbortSignal): Promise<void> {
    await this.#connection.json('/api/storageinfo/calculate', { method: 'POST', signal, timeoutMs: 10_000 });
  }

  async configuration(key: string, signal?: AbortSignal): Promise<Record<string, unknown>> {
    return z.record(z.string(), z.unknown()).parse(await this.#connection.json(repositoryUrl(key), { signal }));
  }

  async create(key: string, settings: unknown, signal?: AbortSignal): Promise<void> {
    await this.#connection.json(repositoryUrl(key), { method: 'PUT', body: settings, signal, timeoutMs: 15_000 });
  }

  async change(key: string, settings: unknown, signal?: AbortSignal): Promise<void> {
    await this.#connection.json(repositoryUrl(key), { method: 'POST', body: settings, signal, timeoutMs: 15_000 });
  }

  /** Whoever asks has been shown the virtual repositories that lose it as a member. */
  async removeRepository(key: string, signal?: AbortSignal): Promise<void> {
    await this.#connection.json(`${repositoryUrl(key)}?force=1`, { method: 'DELETE', signal, timeoutMs: 120_000 });
  }

  /** Throws ARTIFACT_NOT_FOUND. */
  async item(repository: string, path: string, signal?: AbortSignal): Promise<StoredItem> {
    return storedItem.parse(await this.#connection.json(`/api/storage/${encodedPath(repository, path)}`, { signal, timeoutMs: listingMs }));
  }

  /** The properties of an item; none is an empty answer. */
  async properties(repository: string, path: string, signal?: AbortSignal): Promise<Record<string, string[]>> {
    const response = await this.#connection.open(`/api/storage/${encodedPath(repository, path)}?properties`, signal === undefined ? {} : { signal });
    const text = await response.body.text();
    // Artifactory answers 404 for an item without properties
    if (response.statusCode === 404) return {};
    if (response.statusCode >= 400) throw errorOf(response.statusCode, text);
    return z.object({ properties: z.record(z.string(), z.array(z.string())).default({}) }).parse(JSON.parse(text)).properties;
  }

  /** Replaces the values of some properties and takes others away, in one transaction. Throws PROPERTY_INVALID with the name in its details. */
  async annotate(repository: string, path: string, { set, remove, recursive }: PropertyChange, signal?: AbortSignal): Promise<void> {
    const props = { ...Object.fromEntries(remove.map((name) => [name, null])), ...set };
    await this.#connection.json(`/api/metadata/${encodedPath(repository, path)}?recursiveProperties=${recursive ? '1' : '0'}`, { method: 'PATCH', body: { props }, signal, timeoutMs: 120_000 });
  }

  /** Files below a folder and their bytes. */
  async countBelow(repository: string, path: string, signal?: AbortSignal): Promise<{ files: number; bytes: number }> {
    const { files } = fileList.parse(await this.#connection.json(`/api/storage/${encodedPath(repository, path)}?list&deep=1`, { signal, timeoutMs: listingMs }));
    return { files: files.length, bytes: files.reduce((sum, { size }) => sum + Math.max(0, size), 0) };
  }

  async remove(repository: string, path: string, signal?: AbortSignal): Promise<void> {
    await this.#connection.json(`/${encodedPath(repository, path)}`, { method: 'DELETE', signal, timeoutMs: 120_000 });
  }

  /** Null at a node of an older version, which deletes for good. */
  async trashSettings(signal?: AbortSignal): Promise<z.infer<typeof trashSettings> | null> {
    try {
      return trashSettings.parse(await this.#connection.json(trashSettingsUrl, { signal }));
    } catch (error) {
      if (error instanceof BulkheadError && error.code === 'ROUTE_NOT_FOUND') return null;
      throw error;
    }
  }

  async setTrash(settings: z.infer<typeof trashSettings>, signal?: AbortSignal): Promise<void> {
    await this.#connection.json(trashSettingsUrl, { method: 'PUT', body: settings, signal, timeoutMs: 10_000 });
  }

  /** @param to where it is put instead, `/repository/path` */
  async restore(repository: string, path: string, to: string | undefined, signal?: AbortSignal): Promise<void> {
    const query = to === undefined ? '' : `?${new URLSearchParams({ to }).toString()}`;
    await this.#connection.json(`/api/trash/restore/${encodedPath(repository, path)}${query}`, { method: 'POST', signal, timeoutMs: 120_000 });
  }

  async cleanTrash(repository: string, path: string, signal?: AbortSignal): Promise<void> {
    await this.#connection.json(`/api/trash/clean/${encodedPath(repository, path)}`, { method: 'DELETE', signal, timeoutMs: 120_000 });
  }

  async emptyTrash(signal?: AbortSignal): Promise<void> {
    await this.#connection.json('/api/trash/empty', { method: 'POST', signal, timeoutMs: 600_000 });
  }

  /**
   * Sends a body as it comes; resolves when the node has stored it.
   * @throws ARTIFACT_EXISTS with `onlyNew` when there is a file at the moment of the commit, and the node's error by its code
   */
  async deploy(repository: string, path: string, body: Readable, { size, onlyNew }: { readonly size: number; readonly onlyNew: boolean }, signal: AbortSignal): Promise<Deployed> {
    const response = await this.#connection.open(`/${encodedPath(repository, path)}`, {
      method: 'PUT', stream: body, signal, headers: { 'content-length': String(size), 'content-type': 'application/octet-stream', ...(onlyNew ? { 'if-none-match': '*' } : {}) },
    });
    const text = await response.body.text();
    if (response.statusCode === 412 && onlyNew) throw new BulkheadError('ARTIFACT_EXISTS', `A file came to ${repository}/${path} while this one was being sent`, { hint: 'Nothing was replaced. Look at the file there, then replace it, or choose another name.' });
    if (response.statusCode >= 400) throw errorOf(response.statusCode, text);
    return deployed.parse(JSON.parse(text));
  }

  /** The answer to a download as soon as its headers are there. Throws the node's error by its code. */
  async download(repository: string, path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    // a folder answers with a page, which is nothing to keep
    if (path === '' || path.endsWith('/')) throw new BulkheadError('PATH_INVALID', 'A folder cannot be downloaded');
    const response = await this.#connection.open(`/${encodedPath(repository, path)}`, { headers, signal });
    if (response.statusCode >= 300 && response.statusCode < 400) {
      await response.body.dump();
      throw new BulkheadError('PATH_INVALID', 'A folder cannot be downloaded');
    }
    if (response.statusCode >= 400) throw errorOf(response.statusCode, await response.body.text());
    return response;
  }
}

const repositoryUrl = (key: string): string => `/api/repositories/${encodeURIComponent(key)}`;

/** `{repository}/{path}` for an address; each segment is encoded, so that none is taken for something else (`;`, `?`, `#`). */
function encodedPath(repository: string, path: string): string {
  return [repository, ...(path === '' ? [] : path.split('/'))].map(encodeURIComponent).join('/');
}
