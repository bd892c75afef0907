import type { AnswerHead } from './attempt.ts';
import { withoutHeaders, type RawHeaders } from './forwarding-headers.ts';

/** A download that another node can continue: which bytes of which representation the client is to get. */
export interface Resumable {
  readonly etag: string;
  /** first and last byte of the answer within the whole artifact */
  readonly first: number;
  readonly last: number;
}

/**
 * Whether an answer can be continued elsewhere, should its body break off. Needs a strong validator (RFC 9110 section 8.8.1):
 * two nodes may differ, for a moment, about what a path holds, and halves of two artifacts are worse than an error.
 */
export function resumable(method: string, head: AnswerHead): Resumable | null {
  const { etag } = head.headers;
  if (method !== 'GET' || etag === undefined || !etag.startsWith('"') || head.headers['content-encoding'] !== undefined) return null;
  const length = Number(head.headers['content-length'] ?? Number.NaN);
  if (!Number.isSafeInteger(length) || length === 0) return null;
  if (head.status === 200) return { etag, first: 0, last: length - 1 };
  const range = head.status === 206 ? contentRange(head) : null;
  return range !== null && range.last - range.first + 1 === length ? { etag, ...range } : null;
}

const conditional = new Set(['range', 'if-range', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since']);

/** The request for what is left after `done` bytes, valid only while the artifact is the same one. */
export function remainderHeaders(headers: RawHeaders, download: Resumable, done: number): string[] {
  return [
    ...withoutHeaders(headers, conditional),
    'Range', `bytes=${String(download.first + done)}-${String(download.last)}`,
    'If-Range', download.etag,
  ];
}

/** Whether an answer is exactly the remainder that was asked for. */
export function continues(head: AnswerHead, download: Resumable, done: number): boolean {
  const range = head.status === 206 ? contentRange(head) : null;
  return range !== null && range.first === download.first + done && range.last === download.last && head.headers.etag === download.etag;
}

function contentRange(head: AnswerHead): { first: number; last: number } | null {
  const match = /^bytes (\d+)-(\d+)\//.exec(head.headers['content-range'] ?? '');
  return match === null ? null : { first: Number(match[1]), last: Number(match[2]) };
}

