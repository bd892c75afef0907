import type { StoredFile } from '../../metadata/artifacts.ts';
import type { Principal } from '../../security/principal.ts';
import type { Content } from '../content.ts';
import { readBlob } from '../read-blob.ts';
import { remoteOf } from '../remote-settings.ts';
import type { Repository } from '../repository.ts';
import type { Arrival } from './arrival.ts';
import { isUpstreamFailure } from './failures.ts';
import { UpstreamFetch } from './fetch.ts';
import type { Flight, Landing } from './flight.ts';
import { readRemoteState, verdictOf } from './remote-state.ts';
import { asBulkheadError, BulkheadError } from '../../contract/index.ts';

/** What a remote repository has to answer with. */
export type Obtained =
  | { readonly kind: 'file'; readonly file: StoredFile; /** upstream could not be asked */ readonly stale: boolean }
  | { readonly kind: 'arriving'; readonly arrival: Arrival }
  /** `failure`: upstream could not be asked, and nothing is cached */
  | { readonly kind: 'nothing'; readonly failure?: Error };

/** More than this is no document. Bytes. */
const largestDocument = 256 * 1024 * 1024;

/**
 * What is at a path of a remote repository: from what it keeps, or from upstream, once for everybody who asks at the same time.
 * @param whole waits for the end of a body instead of handing it over while it arrives
 */
export async function obtain(content: Content, principal: Principal, repository: Repository, path: string, whole: boolean): Promise<Obtained> {
  const state = await readRemoteState(content.session.coherence.read, repository, path);
  const verdict = verdictOf(repository, state);
  if (verdict === 'fresh' && state.file !== undefined) return { kind: 'file', file: state.file, stale: false };
  if (verdict === 'missing') return { kind: 'nothing' };
  const kept = (failure?: Error): Obtained => {
    if (state.file !== undefined) return { kind: 'file', file: state.file, stale: failure !== undefined };
    return failure === undefined ? { kind: 'nothing' } : { kind: 'nothing', failure };
  };
  if (remoteOf(repository).offline) return kept();
  let upstream;
  try {
    upstream = content.upstreams.connection(repository);
  } catch (error) {
    return kept(asBulkheadError(error));
  }
  if (upstream.assumedOffline) return kept(new BulkheadError('UPSTREAM_FAILED', 'Upstream could not be reached a moment ago'));
  const flight = join(content, principal, repository, path);
  const landing = await (whole ? flight.end : flight.landing);
  switch (landing.kind) {
    case 'arriving':
      return { kind: 'arriving', arrival: landing.arrival };
    case 'missing':
      return { kind: 'nothing' };
    case 'failed':
      // a failure of this cluster is none of upstream's: nothing may be said about what is there
      if (!isUpstreamFailure(landing.error)) throw landing.error;
      return kept(landing.error);
    default: {
      const { file, entry } = await readRemoteState(content.session.coherence.read, repository, path);
      if (file === undefined || verdictOf(repository, { file, entry }) === 'missing') return { kind: 'nothing' };
      return { kind: 'file', file, stale: false };
    }
  }
}

/** The fetch of this path that is under way, or a new one. */
function join(content: Content, principal: Principal, repository: Repository, path: string): Flight {
  const { flights } = content.upstreams;
  const name = `${String(repository.id)}/${path}`;
  const present = flights.get(name);
  if (present !== undefined) return present;
  const { promise: landing, resolve: land } = Promise.withResolvers<Landing>();
  const fetch = new UpstreamFetch({ content, principal, repository, path, documentOf: (wanted) => upstreamDocument(content, principal, repository, wanted) }, land);
  const end = fetch.run().finally(() => { flights.delete(name); });
  const flight: Flight = { landing, end };
  flights.set(name, flight);
  return flight;
}

/** A document of a remote repository as upstream sent it; undefined when there is none. @throws what upstream failed with */
export async function upstreamDocument(content: Content, principal: Principal, repository: Repository, path: string): Promise<Buffer | undefined> {
  const source = repository.format.remote?.sourceOf?.(path) ?? path;
  const obtained = await obtain(content, principal, repository, source, true);
  if (obtained.kind === 'nothing') {
    if (obtained.failure !== undefined) throw obtained.failure;
    return undefined;
  }
  return bytesOf(content, repository, obtained);
}

/** All bytes of what was obtained. @throws UPSTREAM_INVALID when they are too many for a document */
export async function bytesOf(content: Content, repository: Repository, obtained: Exclude<Obtained, { kind: 'nothing' }>): Promise<Buffer> {
  if (obtained.kind === 'arriving') return collected(obtained.arrival.read());
  const source = await readBlob(content, repository, obtained.file);
  return source.bytes ?? collected(await source.open());
}

async function collected(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestDocument) throw new BulkheadError('UPSTREAM_INVALID', `Upstream sent a document of more than ${String(largestDocument)} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
