import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { InFlight } from '../../node/context.ts';
import { AnswerWriter } from './answer-bytes.ts';
import { askedHead } from './asked-head.ts';
import type { FindHot, HotAnswer } from './find-hot.ts';
import type { PlainHead } from './request-heads.ts';

/** A read that was answered here, and is over. */
export interface HotRead {
  readonly id: string;
  readonly method: 'GET' | 'HEAD';
  /** of the request, without a query */
  readonly path: string;
  /** 499 when the client left before the answer was complete */
  readonly status: number;
  readonly seconds: number;
  readonly bytesOut: number;
  readonly user: string;
  readonly address: string;
  /** when it was over, milliseconds of the wall clock */
  readonly at: number;
}

export interface HotReadsOptions {
  readonly find: FindHot;
  readonly inFlight: InFlight;
  /** @param given by the client */
  readonly requestId: (given: string | undefined) => string;
  readonly finished: (read: HotRead) => void;
  /** told of an answer that the system did not take at once: its reader may never fetch it. What it returns is called when that is over */
  readonly unfinished: (socket: Socket) => () => void;
}

/** Both return whether the request was answered. */
export interface HotReads {
  /** Answers the head of a request into its socket. */
  readonly head: (head: PlainHead, socket: Socket) => boolean;
  /** Answers a request as Node.js hands it over. */
  readonly request: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** Route that would have answered, for metrics. */
export const hotRoute = '/artifactory/:repository/*';

/**
 * Answers plain reads of files from memory, in one turn of the event loop, as the artifact route would (the same status, headers and bytes), logged and counted the same way. What `find` does not
 * find is left to that.
 */
export function hotReads({ find: findUnsafely, inFlight, requestId, finished, unfinished }: HotReadsOptions): HotReads {
  const writer = new AnswerWriter();

  /** Nobody catches what is thrown in here: the long way meets it too, and answers with an error. */
  const find: FindHot = (target, asked, peer) => {
    try {
      return findUnsafely(target, asked, peer);
    } catch {
      return undefined;
    }
  };

  /** Counts an answer that is being fetched; what it returns is called at its end. */
  const fetching = ({ address }: HotAnswer, socket: Socket): () => void => {
    const leave = inFlight.enter(address);
    const fetched = unfinished(socket);
    return () => {
      leave();
      fetched();
    };
  };

  return {
    head: ({ method, target, fields }, socket) => {
      const begun = performance.now();
      const asked = askedHead(fields);
      const found = asked === null ? undefined : find(target, asked, socket.remoteAddress ?? '');
      if (asked === null || found === undefined) return false;
      const id = requestId(asked.requestId);
      const over = (complete: boolean, bytesOut: number): void => {
        const { user, address } = found;
        finished({ id, method, path: target, status: complete ? 200 : 499, seconds: (performance.now() - begun) / 1000, bytesOut, user, address, at: Date.now() });
      };
      let fetched: ((complete: boolean) => void) | undefined;
      const size = writer.write(socket, found.head, id, method === 'HEAD' ? null : found.bytes, (error) => fetched?.(error === null || error === undefined));
      if (method === 'GET') found.downloads.add(found.file, found.user);
      // what the system has taken is over; `sent` is called in a later turn all the same
      if (socket.writableLength === 0) {
        over(socket.errored === null, size);
      } else {
        const end = fetching(found, socket);
        fetched = (complete) => {
          end();
          over(complete, complete ? size : 0);
        };
      }
      return true;
    },

    request: ({ method, url = '', httpVersion, rawHeaders, socket }, response) => {
      if ((method !== 'GET' && method !== 'HEAD') || httpVersion !== '1.1') return false;
      const begun = performance.now();
      const asked = askedHead(rawHeaders);
      const found = asked === null ? undefined : find(url, asked, socket.remoteAddress ?? '');
      if (asked === null || found === undefined) return false;
      const id = requestId(asked.requestId);
      const written = socket.bytesWritten;
      response.writeHead(200, [...found.fields, 'x-request-id', id]);
      if (method === 'HEAD') {
        response.end();
      } else {
        response.end(found.bytes);
        found.downloads.add(found.file, found.user);
      }
      const over = (complete: boolean): void => {
        const { user, address } = found;
        // it falls when a connection breaks in which something waited
        const bytesOut = Math.max(0, socket.bytesWritten - written);
        finished({ id, method, path: url, status: complete ? 200 : 499, seconds: (performance.now() - begun) / 1000, bytesOut, user, address, at: Date.now() });
      };
      // `writableFinished` comes with a later turn, even when the system has everything
      if (response.writableLength === 0) {
        over(true);
      } else {
        const end = fetching(found, socket);
        response.once('close', () => {
          end();
          over(response.writableFinished);
        });
      }
      return true;
    },
  };
}
