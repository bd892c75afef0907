import { BulkheadError } from '../contract/index.ts';

/** Bytes of a path inside a repository, and of each of its segments. */
export const maxPathBytes = 1024;
const maxSegmentBytes = 255;

/** @throws PATH_INVALID, PATH_TOO_LONG for what cannot be one segment of a path */
export function requireSegment(segment: string): void {
  if (segment === '') throw pathInvalid('it holds an empty segment');
  if (segment === '.' || segment === '..') throw pathInvalid(`it holds the segment "${segment}"`);
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffe\uffff]/.test(segment)) throw pathInvalid('it holds a control character');
  if (segment.includes('\\') || segment.includes('/')) throw pathInvalid('it holds a backslash');
  if (!segment.isWellFormed()) throw pathInvalid('its encoding is not valid');
  if (Buffer.byteLength(segment) > maxSegmentBytes) throw new BulkheadError('PATH_TOO_LONG', `A segment has more than ${String(maxSegmentBytes)} bytes`);
}

export function requirePathLength(path: string): void {
  if (Buffer.byteLength(path) > maxPathBytes) throw new BulkheadError('PATH_TOO_LONG', `The path has more than ${String(maxPathBytes)} bytes`);
}

export function pathInvalid(reason: string): BulkheadError {
  return new BulkheadError('PATH_INVALID', `The path is not valid: ${reason}`);
}
