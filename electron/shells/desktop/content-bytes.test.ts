import { EventEmitter } from 'node:events';
import type { Protocol, Session } from 'electron';
import { beforeEach, expect, it } from 'vitest';
import { keptBytes } from '../testing/kept-bytes.ts';
import { serveScreens } from './app-protocol.ts';
import { confineSession } from './security.ts';

let bytes: ReturnType<typeof keptBytes>;
let handle: (request: Request) => Promise<Response>;
beforeEach(() => {
  bytes = keptBytes();
  bytes.files.set('demo r a/b.html', '<b>kept</b>');
  const protocol = { handle: (_scheme: string, handler: typeof handle) => { handle = handler; } };
  serveScreens(protocol as unknown as Protocol, '/nowhere', () => bytes.transfers);
});
const ask = (address: string, options: RequestInit = {}): Promise<Response> => handle(new Request(address, options));
const file = 'app://bulkhead/content/file?cluster=demo&repository=r&path=a%2Fb.html';

it('gives a file out to be kept, never to be shown', async () => {
  const answer = await ask(file);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toBe('<b>kept</b>');
  expect(answer.headers.get('content-disposition')).toBe("attachment; filename*=UTF-8''b.html");
  expect(answer.headers.get('content-type')).toBe('application/octet-stream');
});

it('takes slices of its own page, and of no other', async () => {
  const put = (at: number, origin: string, body = 'x'): Promise<Response> => ask(`app://bulkhead/content/uploads/u?at=${at}`, { method: 'PUT', body, headers: { origin } });
  expect((await put(0, 'app://bulkhead', 'first')).status).toBe(204);
  expect((await put(5, 'app://other')).status).toBe(403);
  expect((await put(5, 'https://evil.example')).status).toBe(403);
  expect((await put(5, 'app://bulkhead', 'x'.repeat(4 * 1024 * 1024 + 1))).status).toBe(413);
  expect(bytes.slices).toEqual([['u', 0, 'first']]);
});

it('has bytes at its own name only', async () => {
  expect((await ask(file.replace('bulkhead', 'other'))).status).toBe(404);
});

it('lets a page have artifacts saved, and nothing else', () => {
  const session = new EventEmitter();
  const quiet = (): void => undefined;
  Object.assign(session, {
    setPermissionRequestHandler: quiet, setPermissionCheckHandler: quiet, setDevicePermissionHandler: quiet, setDisplayMediaRequestHandler: quiet, setSpellCheckerEnabled: quiet,
    webRequest: { onBeforeRequest: quiet },
  });
  confineSession(session as unknown as Session);
  const prevented = (address: string): boolean => {
    let isPrevented = false;
    session.emit('will-download', { preventDefault: () => { isPrevented = true; } }, { getURL: () => address });
    return isPrevented;
  };
  expect(prevented(file)).toBe(false);
  for (const other of ['app://bulkhead/', 'app://bulkhead/content/uploads/u', 'app://other/content/file', 'https://evil.example/content/file', 'data:text/plain,x']) expect(prevented(other), other).toBe(true);
});
