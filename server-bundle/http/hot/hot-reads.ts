import type { IncomingMessage, ServerResponse } from 'node:http';
import type { StoredFile } from '../../metadata/artifacts.ts';
import type { NodeContext } from '../../node/context.ts';
import { hotFile, type HotFile } from '../../repositories/hot-file.ts';
import type { Authenticator } from '../../security/authenticator.ts';
import { isFull } from '../admission.ts';
import type { AddressRanges } from '../client-address.ts';
import { contentOf } from '../content/content-of.ts';
import { fileDisposition } from '../content/send-content.ts';
import { forwardedAddress } from './forwarded-address.ts';
import { plainAddress } from './plain-address.ts';

/** A read that was answered here, and is over. */
export interface HotRead {
  readonly id: string;
  readonly method: string;
  /** of the request, without a query */
  readonly path: string;
  /** 499 when the client left before the answer was complete */
  readonly status: number;
  readonly seconds: number;
  readonly bytesOut: number;
  readonly user: string;
  readonly address: string;
}

export interface HotReadsOptions {
  readonly context: NodeContext;
  readonly authenticator: Authenticator;
  readonly trusted: AddressRanges;
  readonly requestId: (request: IncomingMessage) => string;
  /** on every answer, as pairs */
  readonly headers: Readonly<Record<string, string>>;
  readonly finished: (read: HotRead) => void;
  /** told of an answer that the system did not take at once: its reader may never fetch it */
  readonly unfinished: (request: IncomingMessage, response: ServerResponse) => void;
}

/** Route that would have answered, for metrics. */
export const hotRoute = '/artifactory/:repository/*';

/** Whatever changes what a GET means, or says that it has a body. */
const special = [
  'range', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range', 'expect', 'upgrade', 'content-length', 'transfer-encoding',
  'x-bulkhead-trial', 'x-jfrog-art-api',
] as const;

/**
 * Answers a plain GET or HEAD of a file whose answer needs nothing but this process's memory, in one turn of the event loop: who asks, what they may do, and which bytes
 * stand there are all read from the cache at one moment, under the rules of coherence. It answers what the artifact route would (the same status, headers and bytes), is logged and
 * counted the same way, and leaves everything else, each refusal too, to it.
 *
 * @returns whether the request was answered
 */
export function hotReads({ context, authenticator, trusted, requestId, headers, finished, unfinished }: HotReadsOptions): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { runtime, config } = context;
  const content = contentOf(context);
  const answers = new WeakMap<StoredFile, readonly string[]>();
  const common = Object.entries({ ...headers, 'x-bulkhead-node': config.node.id }).flat();

  const headersOf = ({ file }: HotFile): readonly string[] => {
    let known = answers.get(file);
    if (known === undefined) answers.set(file, known = [...common, ...headersOfFile(file)]);
    return known;
  };

  return (request, response) => {
    const { method, url = '', headers: asked } = request;
    if ((method !== 'GET' && method !== 'HEAD') || request.httpVersion !== '1.1' || asked.host === undefined) return false;
    for (const name of special) if (asked[name] !== undefined) return false;
    const named = plainAddress(url);
    if (named === null || config.audit.reads || runtime.state() !== 'serving') return false;
    const { socket } = request;
    const address = forwardedAddress(socket.remoteAddress ?? '', asked['x-forwarded-for'], trusted);
    if (isFull(runtime.inFlight, config.http.maxInFlight, address)) return false;
    const { session: { coherence }, memory, downloads } = content();
    let user = '';
    const found = coherence.hot((peek) => {
      const identity = authenticator.hot(peek, asked.authorization, address);
      if (identity === undefined) return undefined;
      user = identity.name;
      return hotFile(peek, memory, identity.rights, named.repositoryKey, named.path);
    });
    if (found === undefined) return false;

    const begun = performance.now();
    const id = requestId(request);
    const written = socket.bytesWritten;
    response.writeHead(200, [...headersOf(found), 'x-request-id', id]);
    if (method === 'HEAD') {
      response.end();
    } else {
      response.end(found.bytes);
      downloads.add(found.file, user);
    }
    const over = (complete: boolean): void => {
      finished({
        id, method, path: url, status: complete ? 200 : 499, seconds: (performance.now() - begun) / 1000, bytesOut: socket.bytesWritten - written,
        user, address,
      });
    };
    // `writableFinished` comes with a later turn, even when the system has everything
    if (response.writableLength === 0) {
      over(true);
    } else {
      const leave = runtime.inFlight.enter(address);
      unfinished(request, response);
      response.once('close', () => {
        leave();
        over(response.writableFinished);
      });
    }
    return true;
  };
}

function headersOfFile({ path, mimeType, modifiedAt, blob: { size, md5, sha1, sha256 } }: StoredFile): string[] {
  return Object.entries({
    etag: `"${sha1}"`, 'last-modified': modifiedAt.toUTCString(), 'accept-ranges': 'bytes',
    'x-checksum-md5': md5, 'x-checksum-sha1': sha1, 'x-checksum-sha256': sha256,
    ...fileDisposition(path.slice(path.lastIndexOf('/') + 1)), 'content-type': mimeType, 'content-length': String(size),
  }).flat();
}
