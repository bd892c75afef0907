import type { FastifyReply } from 'fastify';
import { BulkheadError } from '../../contract/index.ts';
import type { BlobFile } from '../../filestore/index.ts';
import { toBulkheadError } from '../error-mapping.ts';
import { FileAnswer } from './file-answer.ts';
import { largestPiece, PieceBuffers, smallestPiece } from './piece-buffers.ts';
import type { ByteRange } from './ranges.ts';

/** What a body is made of, one after the other: parts of the file, and bytes between them. */
export type Segment = ByteRange | Buffer;

const firstPiece = 128 * 1024;
const growth = 4;
/** A piece that the system took within this time is followed by a larger one, milliseconds. */
const fastMs = 100;
/** One that it took longer for is followed by a smaller one: its reader is slow, and holds the buffer meanwhile. */
const slowMs = 1000;

/** of this process */
const processBuffers = new PieceBuffers();

/**
 * Sends an answer whose body comes from a file, piece by piece, from a few buffers: the next piece is read when the system has taken the one before, whose own buffers are what is read
 * ahead. `reply` has a `content-length`. Closes the file. What goes wrong before the answer has begun is thrown, and answered as an error; later the connection ends.
 */
export async function sendFile(reply: FastifyReply, file: BlobFile, segments: readonly Segment[], buffers = processBuffers): Promise<FastifyReply> {
  const answer = new FileAnswer(reply);
  try {
    const whole = await sendSegments(answer, file, segments, buffers);
    if (whole) answer.end();
  } catch (error) {
    if (!answer.begun) throw error;
    reply.request.failure = toBulkheadError(error);
    answer.breakOff();
  } finally {
    // what it was read for is over, whatever this says
    await file.close().catch(() => undefined);
  }
  return reply;
}

async function sendSegments(answer: FileAnswer, file: BlobFile, segments: readonly Segment[], buffers: PieceBuffers): Promise<boolean> {
  let limit = firstPiece;
  for (const segment of segments) {
    if (Buffer.isBuffer(segment)) {
      if (!await answer.write(segment)) return false;
      continue;
    }
    for (let at = segment.start; at <= segment.end;) {
      const begun = performance.now();
      const sent = await sendPiece(answer, file, at, segment.end - at + 1, limit, buffers);
      if (sent === 0) return false;
      at += sent;
      const took = performance.now() - begun;
      if (took < fastMs) limit = Math.min(largestPiece, limit * growth);
      else if (took > slowMs) limit = Math.max(smallestPiece, limit / growth);
    }
  }
  return true;
}

/** Bytes that were sent; none when the client has left. */
async function sendPiece(answer: FileAnswer, file: BlobFile, at: number, left: number, limit: number, buffers: PieceBuffers): Promise<number> {
  const buffer = buffers.take(limit, left);
  let unused = false;
  try {
    const length = await file.read(buffer, at, Math.min(buffer.length, left));
    // shorter than its row says: end with an error, so that the client sees a broken transfer and not a short file
    if (length === 0) throw new BulkheadError('BLOB_MISSING', 'A blob file is shorter than its size');
    unused = await answer.write(length === buffer.length ? buffer : buffer.subarray(0, length));
    return unused ? length : 0;
  } finally {
    if (unused) buffers.giveBack(buffer);
    else buffers.drop(buffer);
  }
}
