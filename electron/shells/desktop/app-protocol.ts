import type { CustomScheme, Protocol } from 'electron';
import { screenFile, shellAnswer, type ScreenAnswer } from '../screens/screen-files.ts';
import { appScheme, isOwnAddress } from './origin.ts';

/** Must be registered before Electron is ready. */
export const appSchemeRegistration: CustomScheme = {
  scheme: appScheme,
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
};

/** Serves the built screens at `app://bulkhead/`; any other host or method gets nothing. */
export function serveScreens(protocol: Protocol, screens: string): void {
  protocol.handle(appScheme, async (request) => toResponse(await answer(request, screens)));
}

function answer(request: Request, screens: string): Promise<ScreenAnswer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return Promise.resolve(shellAnswer(405, 'Only GET and HEAD.\n'));
  if (!isOwnAddress(request.url)) return Promise.resolve(shellAnswer(404, 'There is nothing at this address.\n'));
  return screenFile(screens, new URL(request.url).pathname);
}

function toResponse(made: ScreenAnswer): Response {
  return new Response(made.body, { status: made.status, headers: { ...made.headers } });
}
