import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { cacheKeys } from '../../cluster/cache-keys.ts';
import { asBulkheadError, BulkheadError, isBulkheadError } from '../../contract/index.ts';
import type { Staged } from '../../filestore/index.ts';
import type { UpstreamDocument, UpstreamRequest } from '../../formats/index.ts';
import type { DeclaredDigests } from '../../metadata/artifacts.ts';
import { committed } from '../../metadata/committed.ts';
import { claimFetch, dropClaim, renewClaim, type UpstreamClaim } from '../../metadata/upstream-claims.ts';
import { putUpstreamEntry } from '../../metadata/upstream-entries.ts';
import type { Principal } from '../../security/principal.ts';
import type { Content } from '../content.ts';
import { finishStaged } from '../deploy.ts';
import { whileRepositoryChanges } from '../guards.ts';
import { mediaTypeOf } from '../media-type.ts';
import { placeBlob } from '../place-blob.ts';
import { remoteOf } from '../remote-settings.ts';
import { readRepository, type Repository } from '../repository.ts';
import { Arrival } from './arrival.ts';
import { dump, type UpstreamAnswer } from './connection.ts';
import { codingsOf, decodedBody, readCodings } from './decoded-body.ts';
import { isUpstreamFailure } from './failures.ts';
import type { Landing } from './flight.ts';
import { promisedChecksums, requirePromised, sidecarChecksum, type Promised } from './promised.ts';
import { readRemoteState, verdictOf, type RemoteState } from './remote-state.ts';

const renewMs = 2000;
const firstLookMs = 25;
const longestLookMs = 250;

export interface FetchOptions {
  readonly content: Content;
  readonly principal: Principal;
  readonly repository: Repository;
  /** under which the bytes are kept */
  readonly path: string;
  readonly documentOf: UpstreamDocument;
}

/** Fetches one path from upstream for all nodes, or waits for the node that does. */
export class UpstreamFetch {
  readonly #options: FetchOptions;
  readonly #land: (landing: Landing) => void;
  readonly #claim: UpstreamClaim;
  readonly #keeps: boolean;
  readonly #begun = performance.now();

  /** @param land told once, as soon as it is known what becomes of it */
  constructor(options: FetchOptions, land: (landing: Landing) => void) {
    this.#options = options;
    this.#land = land;
    const { content: { session }, repository, path } = options;
    this.#claim = { repositoryId: repository.id, path, incarnation: session.incarnation, token: randomUUID() };
    this.#keeps = remoteOf(repository).storeArtifactsLocally;
  }

  /** The last word; never rejects. */
  async run(): Promise<Landing> {
    try {
      const end = this.#keeps ? await this.#alone() : await this.#ask(undefined);
      this.#land(end);
      return end;
    } catch (error) {
      const { content: { log, session }, repository, path } = this.#options;
      const failed: Landing = { kind: 'failed', error: session.signal.aborted ? new BulkheadError('NOT_SERVING') : asBulkheadError(error) };
      this.#land(failed);
      if (!isUpstreamFailure(error)) log.warn({ err: error, repository: repository.key, path }, 'a fetch from upstream failed');
      else log.warn({ repository: repository.key, path, reason: error instanceof Error ? error.message : '' }, 'upstream could not be used');
      return failed;
    }
  }

  /** Waits until nobody else fetches this path, and fetches it unless it is there by then. */
  async #alone(): Promise<Landing> {
    const { content: { session } } = this.#options;
    for (let wait = firstLookMs; !await claimFetch(session.db, this.#claim); wait = Math.min(longestLookMs, wait * 1.5)) {
      await pause(wait, undefined, { signal: session.signal });
      if (await this.#isSettled() !== undefined) return { kind: 'settled' };
    }
    using _renewed = this.#keepClaim();
    try {
      const state = await this.#isSettled();
      if (state !== undefined) return { kind: 'settled' };
      return await this.#ask(await this.#state());
    } finally {
      // a claim that cannot be dropped ends by itself
      await dropClaim(session.db, this.#claim).catch(() => undefined);
    }
  }

  #keepClaim(): Disposable {
    const { db } = this.#options.content.session;
    const timer = setInterval(() => { void renewClaim(db, this.#claim).catch(() => undefined); }, renewMs);
    return { [Symbol.dispose]: () => { clearInterval(timer); } };
  }

  /** What the database knows now. */
  #state(): Promise<RemoteState> {
    const { content: { session }, repository, path } = this.#options;
    return readRemoteState((_key, fill) => fill(session.db), repository, path);
  }

  async #isSettled(): Promise<RemoteState | undefined> {
    const state = await this.#state();
    const verdict = verdictOf(this.#options.repository, state);
    // asked since this request came: as good as asking again, also where every answer is to be asked for
    const asked = state.entry !== undefined && state.entry.ageMs < performance.now() - this.#begun;
    return verdict === 'fresh' || verdict === 'missing' || (asked && state.file !== undefined) ? state : undefined;
  }

  async #ask(state: RemoteState | undefined): Promise<Landing> {
    const { content, repository, path, documentOf } = this.#options;
    const request = await repository.format.remote?.upstream(repository, path, documentOf);
    if (request === null || request === undefined) return { kind: 'missing' };
    const answer = await content.upstreams.connection(repository).ask({
      url: request.url, headers: headersFor(request, state), noFolders: request.kind === 'file',
    }, content.session.signal);
    switch (answer.statusCode) {
      case 200:
        return this.#receive(request, answer);
      case 304:
        await dump(answer);
        await this.#note(request, validatorsOf(answer, state), null);
        return { kind: 'settled' };
      // a redirect that was not followed: there is a folder
      case 301: case 302: case 303: case 307: case 308: case 404: case 410:
        await dump(answer);
        await this.#note(request, { etag: null, lastModified: null }, remoteOf(repository).missedRetrievalCachePeriodSecs);
        return { kind: 'missing' };
      default:
        await dump(answer);
        throw new BulkheadError('UPSTREAM_FAILED', `Upstream answered ${String(answer.statusCode)}`, { details: { status: answer.statusCode } });
    }
  }

  /** Writes down that upstream was asked, and has nothing (for so many seconds) or what is kept already. */
  async #note(request: UpstreamRequest, validators: Validators, missingSeconds: number | null): Promise<void> {
    const { content: { session }, repository, path } = this.#options;
    if (!this.#keeps || missingSeconds === 0) return;
    await session.coherence.change({ keys: [cacheKeys.upstream(repository.id, path)] }, () => committed(session, (trx) => putUpstreamEntry(trx, {
      repositoryId: repository.id, path, kind: request.kind, ...validators, missingSeconds,
    })));
  }

  async #receive(request: UpstreamRequest, answer: UpstreamAnswer): Promise<Landing> {
    const { content, repository, path } = this.#options;
    const { session, filestore } = content;
    const encoded = isEncoded(request, path, answer);
    const length = Number(answer.headers['content-length'] ?? Number.NaN);
    const size = encoded || Number.isNaN(length) ? null : length;
    const promised = { ...promisedChecksums(answer.headers), ...request.expected };
    const sidecar = sidecarChecksum(content, repository, request, promised);
    // met when the body is whole; until then it must not count as unhandled
    sidecar.catch(() => undefined);
    const arrival = new Arrival({ size, mimeType: mimeTypeOf(path, request, answer), modifiedAt: dateOf(answer.headers['last-modified']), checksums: promised });
    const sha512 = promised.sha512 === undefined ? null : createHash('sha512');
    this.#land({ kind: 'arriving', arrival });
    let staged: Staged | undefined;
    let kept = false;
    try {
      const body = encoded ? decodedBody(answer) : answer.body;
      staged = await filestore.stage(session.incarnation, passing(body, arrival, size, (chunk) => sha512?.update(chunk)), arrival);
      const all: Promised = { ...promised, ...await sidecar };
      requirePromised(all, { ...staged, ...(sha512 === null ? {} : { sha512: sha512.digest('hex') }) });
      arrival.finish();
      kept = this.#keeps && await this.#keep(request, answer, staged, all);
      return kept ? { kind: 'settled' } : { kind: 'arriving', arrival };
    } catch (error) {
      const failure = fromUpstream(error);
      arrival.fail(failure);
      throw failure;
    } finally {
      answer.body.destroy();
      if (!kept) await staged?.discard().catch(() => undefined);
    }
  }

  /** False when the tree of the repository has no room for the path: it is passed on then and not kept. */
  async #keep(request: UpstreamRequest, answer: UpstreamAnswer, staged: Staged, promised: Promised): Promise<boolean> {
    const { content, principal, repository: { key }, path } = this.#options;
    const { session } = content;
    const declared: DeclaredDigests = { md5: promised.md5 ?? null, sha1: promised.sha1 ?? null, sha256: promised.sha256 ?? null };
    const file = { published: false };
    try {
      const placed = await whileRepositoryChanges(async () => {
        const repository = await readRepository(session.coherence.read, key);
        return placeBlob(content, repository, {
          principal, repositoryKey: key, path, declared, replayKey: null,
          packaging: {
            existing: 'refresh', facts: null, mimeType: mimeTypeOf(path, request, answer),
            touched: { keys: [cacheKeys.upstream(repository.id, path)] },
            commit: async (trx) => {
              await putUpstreamEntry(trx, { repositoryId: repository.id, path, kind: request.kind, ...validatorsOf(answer, undefined), missingSeconds: null });
              await dropClaim(trx, this.#claim);
            },
            answer: () => ({ status: 201, headers: {}, body: null }),
          },
        }, {
          digests: staged, received: staged,
          publish: async () => {
            if (!file.published) await staged.publish();
            file.published = true;
            return staged;
          },
        });
      });
      await finishStaged(content, staged, placed);
      return true;
    } catch (error) {
      if (isBulkheadError(error, 'PATH_CONFLICT') || isBulkheadError(error, 'REPOSITORY_NOT_FOUND')) return false;
      // what was passed on was right; only the next reader asks again
      content.log.warn({ err: error, repository: key, path }, 'what upstream sent could not be kept');
      // its transaction may still commit: the file is left to the sweep
      return file.published && isBulkheadError(error, 'OUTCOME_UNKNOWN');
    }
  }
}

/**
 * Whether a body is to be decoded. Files are asked for as they are. Servers that compress them all the same are known by a file that is not compressed by
 * its name; of a `.tgz`, "gzip" only says once more what it is.
 */
function isEncoded({ kind }: UpstreamRequest, path: string, answer: UpstreamAnswer): boolean {
  return codingsOf(answer).length > 0 && (kind === 'document' || !/\.(?:t?gz|tgz|br|z)$/i.test(path));
}

interface Validators { readonly etag: string | null; readonly lastModified: string | null }

function headersFor({ kind, accept }: UpstreamRequest, state: RemoteState | undefined): Record<string, string> {
  const { file, entry } = state ?? {};
  const conditional = file !== undefined && entry?.kind === 'document' ? entry : undefined;
  return {
    accept: accept ?? '*/*', 'accept-encoding': kind === 'document' ? readCodings : 'identity',
    ...(typeof conditional?.etag === 'string' ? { 'if-none-match': conditional.etag } : {}),
    ...(typeof conditional?.lastModified === 'string' ? { 'if-modified-since': conditional.lastModified } : {}),
  };
}

function validatorsOf({ headers }: UpstreamAnswer, state: RemoteState | undefined): Validators {
  const single = (name: string): string | null => {
    const [value = null] = [headers[name] ?? null].flat();
    return value !== null && value.length <= 1000 ? value : null;
  };
  return { etag: single('etag') ?? state?.entry?.etag ?? null, lastModified: single('last-modified') ?? state?.entry?.lastModified ?? null };
}

function mimeTypeOf(path: string, { mediaType }: UpstreamRequest, { headers }: UpstreamAnswer): string {
  const named = mediaTypeOf(path);
  const [sent] = [headers['content-type']].flat();
  if (sent === undefined || sent.length > 255) return named;
  return mediaType === 'upstream' || named === 'application/octet-stream' ? sent : named;
}

function dateOf(value: string | string[] | undefined): Date | null {
  const time = Date.parse([value].flat()[0] ?? '');
  return Number.isNaN(time) ? null : new Date(time);
}

/** The body on its way to the filestore, seen by everybody who reads it already. */
function passing(body: Readable, arrival: Arrival, size: number | null, see: (chunk: Buffer) => void): Readable {
  return Readable.from((async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      see(chunk);
      arrival.add(chunk);
      yield chunk;
    }
    if (size !== null && arrival.received !== size) {
      throw new BulkheadError('UPSTREAM_INVALID', `Upstream sent ${String(arrival.received)} bytes instead of ${String(size)}`);
    }
  })(), { objectMode: false });
}

/** What broke a body: an error of ours as it is, anything else is upstream's. */
function fromUpstream(error: unknown): Error {
  if (error instanceof BulkheadError) return error;
  return new BulkheadError('UPSTREAM_FAILED', 'What upstream sent broke off', { cause: error });
}
