import { type Readable } from 'node:stream';
import { asBulkheadError, BulkheadError, contentFilePath, contentUploadPath, errorCodes, maxSliceBytes } from '../../contract/index.ts';
import type { Transfers } from '../../control/index.ts';
import { pageHeaders } from '../screens/headers.ts';

/** One request of a page for bytes, for whatever carries it: HTTP or the desktop's own protocol. The shell has checked who asks. */
export interface ContentRequest {
  readonly method: string;
  readonly url: URL;
  readonly range?: string | undefined;
  /** the body; throws BODY_TOO_LARGE above `limit` bytes */
  readonly body: (limit: number) => Promise<Uint8Array>;
  /** aborts when whoever asks goes away */
  readonly signal: AbortSignal;
}

export interface ContentAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable | string;
}

/** Is this an address of bytes, and none of a screen? */
export function isContentPath(pathname: string): boolean {
  return pathname === contentFilePath || pathname.startsWith(contentUploadPath);
}

/** Gives out a file, or takes a slice of an upload. Never throws: errors are answered as `{code, message, hint, details}`. */
export async function answerContent(transfers: Transfers, request: ContentRequest): Promise<ContentAnswer> {
  try {
    if (request.url.pathname === contentFilePath) {
      if (request.method !== 'GET') return notAllowed('GET');
      return await download(transfers, request);
    }
    if (request.method !== 'PUT') return notAllowed('PUT');
    const offset = request.url.searchParams.get('at') ?? '';
    const at = /^\d{1,15}$/.test(offset) ? Number(offset) : Number.NaN;
    if (!Number.isSafeInteger(at)) throw new BulkheadError('ARGUMENT_INVALID', 'at: the offset of the slice is needed');
    await transfers.slice(request.url.pathname.slice(contentUploadPath.length), at, await request.body(maxSliceBytes));
    return { status: 204, headers: { ...pageHeaders, 'Cache-Control': 'no-store' }, body: '' };
  } catch (error) {
    return refusal(asBulkheadError(error));
  }
}

/**
 * A file goes to the person's disk and is never shown: what somebody has uploaded must not run as a page of ours. Hence the attachment, the
 * neutral type, and a policy that allows nothing should a browser show it all the same.
 */
async function download(transfers: Transfers, { url, range, signal }: ContentRequest): Promise<ContentAnswer> {
  const asked = (name: string): string => url.searchParams.get(name) ?? '';
  const path = asked('path');
  const { status, headers, body } = await transfers.download({ clusterId: asked('cluster'), repository: asked('repository'), path }, { ...(range === undefined ? {} : { range }), signal });
  const kept = ['content-length', 'content-range', 'accept-ranges', 'etag', 'last-modified'] as const;
  return {
    status, body,
    headers: {
      ...pageHeaders, ...Object.fromEntries(kept.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : []))),
      'Content-Type': 'application/octet-stream', 'Content-Security-Policy': "default-src 'none'; sandbox", 'Cache-Control': 'no-store',
      'Content-Disposition': `attachment; filename*=UTF-8''${encodeName(path.slice(path.lastIndexOf('/') + 1))}`,
    },
  };
}

/** RFC 8187, section 3.2.1: what `encodeURIComponent` leaves as it is and is no attr-char is encoded too. */
function encodeName(name: string): string {
  return encodeURIComponent(name).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function notAllowed(allow: string): ContentAnswer {
  return { status: 405, headers: { ...pageHeaders, Allow: allow, 'Cache-Control': 'no-store' }, body: '' };
}

function refusal(error: BulkheadError): ContentAnswer {
  const { status } = errorCodes[error.code];
  return {
    // 499 is a word of ours for "cancelled", which no client knows
    status: status === 499 ? 400 : status,
    headers: { ...pageHeaders, 'Content-Type': 'application/json; charset=utf-8', 'Cache-Control': 'no-store' },
    body: JSON.stringify(error.toBody()),
  };
}
