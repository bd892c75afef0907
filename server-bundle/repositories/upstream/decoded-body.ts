import { pipeline, type Duplex, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { BulkheadError } from '../../contract/index.ts';
import type { UpstreamAnswer } from './connection.ts';

/** What upstream is told that we read, where an answer may be compressed on its way. */
export const readCodings = 'gzip, br';

/** RFC 9110, 8.4.1; `x-gzip` is an old name that is still sent. */
const decoders: Readonly<Record<string, () => Duplex>> = { gzip: createGunzip, 'x-gzip': createGunzip, br: createBrotliDecompress, deflate: createInflate };

/** The codings of an answer's body in the order in which they were applied; none for a plain one. */
export function codingsOf({ headers }: Pick<UpstreamAnswer, 'headers'>): readonly string[] {
  return [headers['content-encoding'] ?? ''].flat().join(',').split(',').map((coding) => coding.trim().toLowerCase()).filter((coding) => coding !== '' && coding !== 'identity');
}

/**
 * The body without its codings. What is wrong with it (damaged, broken off) is an error of the stream; it ends with its source.
 * @throws UPSTREAM_INVALID for a coding that nobody has asked for and that cannot be read
 */
export function decodedBody(answer: Pick<UpstreamAnswer, 'headers' | 'body'>): Readable {
  return codingsOf(answer).reduceRight<Readable>((body, coding) => {
    const decoder = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined;
    if (decoder === undefined) throw new BulkheadError('UPSTREAM_INVALID', `Upstream sent a body that is encoded as '${coding.slice(0, 40)}'`);
    // whoever reads learns of a failure by the last stream
    return pipeline(body, decoder(), () => undefined);
  }, answer.body);
}
