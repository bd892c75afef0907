/** Where a chunk belongs, both ends included. */
export interface ChunkRange {
  readonly start: number;
  readonly end: number;
}

/**
 * `Content-Range` of a chunk as the specification wants it: `<start>-<end>` ("Pushing a blob in chunks"), and as RFC 9110 writes it: `bytes <start>-<end>/<size>`.
 * Null for what is neither.
 */
export function parseChunkRange(header: string): ChunkRange | null {
  const match = /^(?:bytes[ =])?(\d{1,15})-(\d{1,15})(?:\/(?:\d{1,15}|\*))?$/.exec(header.trim());
  if (match === null) return null;
  const start = Number(match[1]);
  const end = Number(match[2]);
  return end < start ? null : { start, end };
}

/** `Range` of an upload of which the first `received` bytes are there. */
export function receivedRange(received: number): string {
  return `0-${String(Math.max(0, received - 1))}`;
}
