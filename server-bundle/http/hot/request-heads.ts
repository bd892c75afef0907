import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** What is asked for with a whole head and nothing behind it: HTTP/1.1, on a connection that stays and on which no answer is under way. */
export interface PlainHead {
  readonly method: 'GET' | 'HEAD';
  readonly target: string;
  /** names and values in turn, as they came */
  readonly fields: readonly string[];
}

/** Answers all of it into the socket at once, or touches nothing and returns false. */
export type TakeHead = (head: PlainHead, socket: Socket) => boolean;

/**
 * What Node.js calls for each head that the parser of a connection has read: version, fields (undefined when they came in several pieces), method as a number,
 * target, two values that only answers have, whether an upgrade is asked for, and whether the connection may stay.
 */
type OnHead = (
  this: Parser, major: number, minor: number, fields: readonly string[] | undefined, method: number | undefined, target: string | undefined,
  status: unknown, statusText: unknown, upgrade: boolean, keepAlive: boolean,
) => number;

/** What Node.js's server keeps at a connection. None of it is documented: `tryHeads` finds out whether it is so. */
interface Kept {
  parser?: Parser | null;
  /** the answer under way */
  _httpMessage?: object | null;
  [taking]?: Taking;
}

type Connection = Socket & Kept;

interface Parser {
  /** the request whose body is read */
  readonly incoming?: object | null;
  readonly socket?: Connection | null;
  readonly constructor: { readonly kOnHeadersComplete?: unknown };
  [index: number]: unknown;
}

interface Taking {
  readonly take: TakeHead;
  /** an idle connection ends after so long, milliseconds */
  readonly idleMs: number;
  /** that was set here, and Node.js does not know of it */
  timed: boolean;
  /** the last head was offered and not taken */
  refused: boolean;
}

const taking = Symbol('taking');
/** Numbers of llhttp. */
const numberOf = { get: 1, head: 2 } as const;

/**
 * Puts itself before what Node.js does with a head, so that no request and no response object is made for one that is taken. Parsers serve other connections later, of other
 * servers and of clients too: each connection says whether it is one of ours.
 */
function before(original: OnHead): OnHead {
  return function onHead(major, minor, fields, method, target, status, statusText, upgrade, keepAlive) {
    const { socket = null } = this;
    const own = socket?.[taking];
    if (socket !== null && own !== undefined) {
      own.refused = false;
      if (
        (method === numberOf.get || method === numberOf.head) && major === 1 && minor === 1 && keepAlive && !upgrade && fields !== undefined && target !== undefined
        // an answer that is under way is behind a request that is still kept; both are looked at
        && this.incoming === null && (socket._httpMessage ?? null) === null && socket.writable && socket.writableLength === 0
      ) {
        if (own.take({ method: method === numberOf.get ? 'GET' : 'HEAD', target, fields }, socket)) {
          if (!own.timed) socket.setTimeout(own.idleMs);
          own.timed = true;
          return 0;
        }
        own.refused = true;
      }
      // Node.js sets the time for idle connections after an answer of its own, and takes back only what it has set
      if (own.timed) socket.setTimeout(0);
      own.timed = false;
    }
    return original.call(this, major, minor, fields, method, target, status, statusText, upgrade, keepAlive);
  };
}

/** All parsers share one function, and so do those that were given another one here. */
let present: { readonly original: OnHead; readonly onHead: OnHead } | undefined;

/**
 * Offers the heads of requests on a connection of an HTTP server to `take`, before anything is made of them; those that it does not take go the usual way.
 *
 * @param idleMs an idle connection ends after so long
 * @returns whether the connection is as it is expected; false: nothing was changed
 */
export function takeHeads(connection: Duplex, take: TakeHead, idleMs: number): boolean {
  const socket: Duplex & Kept = connection;
  const index = socket.parser?.constructor.kOnHeadersComplete;
  const onHead = typeof index === 'number' ? socket.parser?.[index] : undefined;
  if (typeof index !== 'number' || typeof onHead !== 'function' || socket.parser?.socket !== connection) return false;
  if (onHead !== present?.onHead) {
    if (present !== undefined && onHead !== present.original) return false;
    present ??= { original: onHead as OnHead, onHead: before(onHead as OnHead) };
    socket.parser[index] = present.onHead;
  }
  socket[taking] = { take, idleMs, timed: false, refused: false };
  return true;
}

/** Whether the request that a connection has just handed over was offered as a head, and not taken. */
export function wasRefused(connection: Duplex): boolean {
  return (connection as Duplex & Kept)[taking]?.refused === true;
}
