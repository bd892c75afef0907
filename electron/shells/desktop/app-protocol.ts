import { Readable } from 'node:stream';
import type { CustomScheme, Protocol } from 'electron';
import { BulkheadError } from '../../contract/index.ts';
import type { Transfers } from '../../control/index.ts';
import { answerContent, isContentPath, type ContentAnswer } from '../content/content-door.ts';
import { screenFile, shellAnswer, type ScreenAnswer } from '../screens/screen-files.ts';
import { appOrigin, appScheme, isOwnAddress } from './origin.ts';

/** Must be registered before Electron is ready. */
export const appSchemeRegistration: CustomScheme = {
  scheme: appScheme,
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
};

/**
 * Serves the built screens at `app://bulkhead/`, and bytes of artifacts below `/content/`; any other host or method gets nothing.
 * @param transfers null until the control room is open
 */
export function serveScreens(protocol: Protocol, screens: string, transfers: () => Transfers | null): void {
  protocol.handle(appScheme, async (request) => {
    const content = transfers();
    if (content !== null && isOwnAddress(request.url) && isContentPath(new URL(request.url).pathname)) return sendContent(content, request);
    return toResponse(await answer(request, screens));
  });
}

function answer(request: Request, screens: string): Promise<ScreenAnswer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return Promise.resolve(shellAnswer(405, 'Only GET and HEAD.\n'));
  if (!isOwnAddress(request.url)) return Promise.resolve(shellAnswer(404, 'There is nothing at this address.\n'));
  return screenFile(screens, new URL(request.url).pathname);
}

function toResponse(made: ScreenAnswer): Response {
  return new Response(made.body, { status: made.status, headers: { ...made.headers } });
}

/** Only our own page writes: a page of another origin that reached this scheme would be named in Origin. */
async function sendContent(transfers: Transfers, request: Request): Promise<Response> {
  const origin = request.headers.get('origin');
  if (origin !== null && origin !== appOrigin) return toResponse(shellAnswer(403, 'Not for pages of another site.\n'));
  const url = new URL(request.url);
  const range = request.headers.get('range') ?? undefined;
  return contentResponse(await answerContent(transfers, { method: request.method, url, range, body: (limit) => bodyOf(request, limit), signal: request.signal }));
}

/** Electron hands a file of a page over in one piece, so pages send slices, and never more than `limit` is held. */
async function bodyOf(request: Request, limit: number): Promise<Uint8Array> {
  const body = new Uint8Array(await request.arrayBuffer());
  if (body.length > limit) throw new BulkheadError('BODY_TOO_LARGE');
  return body;
}

function contentResponse({ status, headers, body }: ContentAnswer): Response {
  const empty = status === 204 || status === 304;
  const sent = empty ? null : typeof body === 'string' ? body : Readable.toWeb(body) as ReadableStream<Uint8Array<ArrayBuffer>>;
  return new Response(sent, { status, headers: { ...headers } });
}
