import { readFile, realpath, stat } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import { contentType } from 'mime-types';
import { pageHeaders } from './headers.ts';

/** An answer to a page, for whatever carries it: HTTP or the desktop's own protocol. */
export interface ScreenAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Files with a hash of their content in their name; everything else may change with the next build. */
const hashed = /^\/assets\/.+-[\w-]{8}\.\w+$/;

/**
 * The built screens under `root`. A path without an extension is an address inside the app and gets `index.html`.
 *
 * @param root folder of the built screens
 * @param pathname path of a URL as it came, percent-encoded
 * @returns the file with its headers; 404 for whatever is not a file below `root`, links out of it included
 */
export async function screenFile(root: string, pathname: string): Promise<ScreenAnswer> {
  const relative = decodedPath(pathname);
  if (relative === null) return notFound();
  const isAddress = extname(relative) === '';
  const file = await containedFile(root, isAddress ? '/index.html' : relative);
  if (file === null) return notFound();
  const body = new Uint8Array(await readFile(file));
  return {
    status: 200,
    headers: {
      ...pageHeaders,
      'Content-Type': contentType(extname(file)) || 'application/octet-stream',
      'Cache-Control': hashed.test(relative) ? 'private, max-age=31536000, immutable' : 'no-store',
    },
    body,
  };
}

/** A plain text or HTML answer of the shell itself. */
export function shellAnswer(status: number, body: string, type: 'text/plain' | 'text/html' = 'text/plain'): ScreenAnswer {
  return {
    status,
    headers: { ...pageHeaders, 'Content-Type': `${type}; charset=utf-8`, 'Cache-Control': 'no-store' },
    body: new TextEncoder().encode(body),
  };
}

function notFound(): ScreenAnswer {
  return shellAnswer(404, 'There is nothing at this address.\n');
}

/** Null for what no screen asks for: bad encoding, NUL, backslashes, segments that climb. */
function decodedPath(pathname: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  // eslint-disable-next-line no-control-regex -- control characters are what is refused here
  if (!decoded.startsWith('/') || /[\u0000-\u001f\\]/.test(decoded)) return null;
  return decoded.split('/').some((segment) => segment === '..' || segment === '.') ? null : decoded;
}

async function containedFile(root: string, relative: string): Promise<string | null> {
  try {
    const home = await realpath(resolve(root));
    const file = await realpath(join(home, relative));
    if (!file.startsWith(home + sep)) return null;
    return (await stat(file)).isFile() ? file : null;
  } catch {
    return null;
  }
}
