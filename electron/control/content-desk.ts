import type { Dispatcher } from 'undici';
import { BulkheadError } from '../../server-bundle/contract/index.ts';
import { emptyTrashWords, maxSliceBytes, repositorySettings, type ArtifactPlace, type CallContext, type Handlers, type RepositorySettings, type UploadedFile } from '../contract/index.ts';
import type { ClusterWatches } from './cluster-watches.ts';
import { deletionEffect, describeItem, listRepositories, removalEffect, searchArtifacts, takenPaths, Uploads, type Download, type Transfers } from './content/index.ts';
import type { Journal } from './journal/index.ts';
import { askAnyNode, type NodeApi } from './node-api/index.ts';

export interface ContentDeskParts {
  readonly watches: ClusterWatches;
  readonly journal: Journal;
  readonly agent: Dispatcher;
  /** for bytes: they must not take the connections that supervision needs */
  readonly transferAgent: Dispatcher;
}

type ContentOperation = Extract<keyof Handlers, `repositories.${string}` | `artifacts.${string}` | `uploads.${string}` | `trash.${string}`>;

/** Repositories and what is in them. */
export class ContentDesk {
  readonly handlers: Pick<Handlers, ContentOperation>;
  readonly transfers: Transfers;
  readonly #parts: ContentDeskParts;
  readonly #uploads = new Uploads();

  constructor(parts: ContentDeskParts) {
    this.#parts = parts;
    this.transfers = {
      download: (place, asked) => this.#download(place, asked),
      slice: (uploadId, at, bytes) => this.#uploads.slice(uploadId, at, bytes),
      upload: (place, body, options) => this.#upload(place, body, options),
    };
    this.handlers = {
      'repositories.list': ({ clusterId }, { signal }) => this.#ask(clusterId, (node) => listRepositories(node, signal)),
      'repositories.show': ({ clusterId, key }, { signal }) => this.#settings(clusterId, key, signal),
      'repositories.create': async ({ clusterId, key, settings }, context) => {
        await this.#ask(clusterId, (node) => node.content.create(key, { ...settings, key }, context.signal));
        this.#note(clusterId, 'repositories.create', `The repository ${key} was created`, context, { key });
        return this.#settings(clusterId, key, context.signal);
      },
      'repositories.change': async ({ clusterId, key, settings }, context) => {
        await this.#ask(clusterId, (node) => node.content.change(key, settings, context.signal));
        this.#note(clusterId, 'repositories.change', `The repository ${key} was changed`, context, { key, fields: Object.keys(settings) });
        return this.#settings(clusterId, key, context.signal);
      },
      'repositories.effect': ({ clusterId, key }, { signal }) => this.#ask(clusterId, (node) => removalEffect(node, key, signal)),
      'repositories.remove': async ({ clusterId, key, confirm }, context) => {
        if (confirm !== key) throw new BulkheadError('CONFIRMATION_NEEDED', `Everything in ${key} would be deleted`, { details: { key }, hint: 'Confirm it with the key of the repository.' });
        await this.#ask(clusterId, (node) => node.content.removeRepository(key, context.signal));
        this.#note(clusterId, 'repositories.remove', `The repository ${key} was deleted with everything in it`, context, { key });
        return {};
      },

      'artifacts.item': ({ clusterId, repository, path }, { signal }) => this.#ask(clusterId, (node) => describeItem(node, repository, path, signal)),
      'artifacts.effect': ({ clusterId, repository, path }, { signal }) => this.#ask(clusterId, (node) => deletionEffect(node, repository, path, signal)),
      'artifacts.remove': async ({ clusterId, repository, path }, context) => {
        if (path === '') throw new BulkheadError('PATH_INVALID', 'A path inside the repository is needed');
        await this.#ask(clusterId, (node) => node.content.remove(repository, path, context.signal));
        this.#note(clusterId, 'artifacts.remove', `${repository}/${path} was deleted`, context, { repository, path });
        return {};
      },
      'artifacts.search': ({ clusterId, question, repository }, { signal }) => this.#ask(clusterId, (node) => searchArtifacts(node, question, repository, signal)),
      'artifacts.annotate': async ({ clusterId, repository, path, set, remove, recursive }, context) => {
        if (path === '') throw new BulkheadError('PATH_INVALID', 'The repository itself has no properties');
        await this.#ask(clusterId, (node) => node.content.annotate(repository, path, { set, remove, recursive }, context.signal));
        this.#note(clusterId, 'artifacts.annotate', `Properties of ${repository}/${path}${recursive ? ' and everything in it' : ''} were changed`, context, { repository, path, set: Object.keys(set), remove, recursive });
        return {};
      },

      'trash.settings': ({ clusterId }, { signal }) => this.#ask(clusterId, (node) => node.content.trashSettings(signal)),
      'trash.configure': async ({ clusterId, ...settings }, context) => {
        await this.#ask(clusterId, (node) => node.content.setTrash(settings, context.signal));
        this.#note(clusterId, 'trash.configure', settings.enabled ? `Deleted artifacts are kept for ${settings.retentionDays} days` : 'Deleted artifacts are not kept any more', context, settings);
        return {};
      },
      'trash.restore': async ({ clusterId, repository, path, to }, context) => {
        await this.#ask(clusterId, (node) => node.content.restore(repository, path, to === undefined ? undefined : `/${to.repository}/${to.path}`, context.signal));
        this.#note(clusterId, 'trash.restore', `${repository}/${path} was restored`, context, { repository, path, ...(to === undefined ? {} : { to }) });
        return {};
      },
      'trash.remove': async ({ clusterId, repository, path }, context) => {
        await this.#ask(clusterId, (node) => node.content.cleanTrash(repository, path, context.signal));
        this.#note(clusterId, 'trash.remove', `${repository}/${path} was deleted from the trash can`, context, { repository, path });
        return {};
      },
      'trash.empty': async ({ clusterId, confirm }, context) => {
        if (confirm !== emptyTrashWords) throw new BulkheadError('CONFIRMATION_NEEDED', 'Everything in the trash can would be deleted for good', { hint: `Confirm it with "${emptyTrashWords}".` });
        await this.#ask(clusterId, (node) => node.content.emptyTrash(context.signal));
        this.#note(clusterId, 'trash.empty', 'The trash can was emptied', context, {});
        return {};
      },

      'uploads.taken': ({ clusterId, key, paths }, { signal }) => this.#ask(clusterId, (node) => takenPaths(node, key, paths, signal)),
      'uploads.begin': async ({ replace, size, ...place }, context) => ({ uploadId: await this.#begin(place, size, replace, context.signal), maxSliceBytes }),
      'uploads.finish': ({ uploadId }, context) => this.#finish(uploadId, context),
      'uploads.cancel': async ({ uploadId }) => { this.#uploads.cancel(uploadId); return {}; },
    };
  }

  /** Breaks off what is under way. */
  close(): void {
    this.#uploads.close();
  }

  async #settings(clusterId: string, key: string, signal: AbortSignal): Promise<RepositorySettings> {
    return repositorySettings.parse(await this.#ask(clusterId, (node) => node.content.configuration(key, signal)));
  }

  #ask<T>(clusterId: string, ask: (node: NodeApi) => Promise<T>): Promise<T> {
    return askAnyNode(this.#parts.watches.of(clusterId).access, this.#parts.agent, ask);
  }

  /** A body cannot be sent twice, so the node has to be one that takes requests. */
  async #begin({ clusterId, repository, path }: ArtifactPlace, size: number, replace: boolean, signal: AbortSignal): Promise<string> {
    const { access } = this.#parts.watches.of(clusterId);
    return askAnyNode(access, this.#parts.transferAgent, async (node) => {
      if (!await node.ping(signal)) throw new BulkheadError('NOT_SERVING', `${node.nodeId} takes no requests`);
      const present = await itemAt(node, repository, path, signal);
      if (present === 'folder') throw new BulkheadError('PATH_CONFLICT', `${path} is a folder`);
      if (present === 'file' && !replace) throw new BulkheadError('ARTIFACT_EXISTS', `There is a file at ${repository}/${path}`, { hint: 'Replace it, or choose another name.' });
      return this.#uploads.begin({ clusterId: access.clusterId, repository, path, size, onlyNew: !replace }, node);
    });
  }

  async #finish(uploadId: string, context: Pick<CallContext, 'caller'>): Promise<UploadedFile> {
    const { clusterId, ...file } = await this.#uploads.finish(uploadId);
    this.#note(clusterId, 'artifacts.upload', `${file.repository}/${file.path} was uploaded`, context, { ...file });
    return file;
  }

  async #upload(place: ArtifactPlace, body: AsyncIterable<Uint8Array>, { size, replace, caller, signal }: Parameters<Transfers['upload']>[2]): Promise<UploadedFile> {
    const uploadId = await this.#begin(place, size, replace, signal);
    const cancel = (): void => { this.#uploads.cancel(uploadId); };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      let at = 0;
      for await (const chunk of body) {
        for (let from = 0; from < chunk.length; from += maxSliceBytes) {
          const bytes = chunk.subarray(from, from + maxSliceBytes);
          await this.#uploads.slice(uploadId, at, bytes);
          at += bytes.length;
        }
      }
      return await this.#finish(uploadId, { caller });
    } catch (error) {
      cancel();
      throw error;
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  }

  async #download({ clusterId, repository, path }: ArtifactPlace, { range, signal }: Parameters<Transfers['download']>[1]): Promise<Download> {
    const { access } = this.#parts.watches.of(clusterId);
    const headers = range === undefined ? {} : { range };
    const { statusCode, headers: answered, body } = await askAnyNode(access, this.#parts.transferAgent, (node) => node.content.download(repository, path, headers, signal));
    return { status: statusCode === 206 ? 206 : 200, headers: answered, body };
  }

  #note(clusterId: string, type: string, message: string, { caller }: Pick<CallContext, 'caller'>, detail: Record<string, unknown>): void {
    const { access } = this.#parts.watches.of(clusterId);
    this.#parts.journal.write({ clusterId: access.clusterId, source: 'operator', severity: 'info', type, nodeId: null, message, detail: { ...detail, by: caller } });
  }
}

async function itemAt(node: NodeApi, repository: string, path: string, signal: AbortSignal): Promise<'file' | 'folder' | 'nothing'> {
  try {
    return (await node.content.item(repository, path, signal)).kind;
  } catch (error) {
    if (error instanceof BulkheadError && error.code === 'ARTIFACT_NOT_FOUND') return 'nothing';
    throw error;
  }
}
