import type { UpstreamRequest } from './remote-format.ts';

/** Where a path lies below the URL of an upstream that keeps the same tree. */
export function addressBelow(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** Asks upstream for a file that stays what it is, under the path that it has here. */
export function sameFile(path: string): UpstreamRequest {
  return { url: addressBelow(path), kind: 'file' };
}
