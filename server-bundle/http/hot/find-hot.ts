import type { StoredFile } from '../../metadata/artifacts.ts';
import type { NodeContext } from '../../node/context.ts';
import type { DownloadCounts } from '../../repositories/downloads/download-counts.ts';
import type { Authenticator } from '../../security/authenticator.ts';
import { isFull } from '../admission.ts';
import type { AddressRanges } from '../client-address.ts';
import { contentOf } from '../content/content-of.ts';
import { fileDisposition } from '../content/send-content.ts';
import { answerHead, type AnswerHead } from './answer-bytes.ts';
import type { AskedHead } from './asked-head.ts';
import { forwardedAddress } from '../forwarded-address.ts';
import { HotPlaces } from './hot-places.ts';

/** Fields of every answer of a file. */
interface Prepared {
  /** names and values in turn */
  readonly fields: readonly string[];
  readonly head: AnswerHead;
}

/** An answer, as it is at this moment, to somebody who may have it. */
export interface HotAnswer extends Prepared {
  readonly file: StoredFile;
  /** where one is counted that is fetched */
  readonly downloads: DownloadCounts;
  readonly bytes: Buffer;
  readonly user: string;
  /** of the client */
  readonly address: string;
}

export interface FindHotOptions {
  readonly context: NodeContext;
  readonly authenticator: Authenticator;
  readonly trusted: AddressRanges;
  /** on every answer */
  readonly headers: Readonly<Record<string, string>>;
  readonly keepAliveSeconds: number;
}

export type FindHot = (target: string, asked: AskedHead, peer: string) => HotAnswer | undefined;

/**
 * Finds what answers a plain read of a file when that needs nothing but this process's memory: who asks, what they may do, and which bytes stand there are all read from the
 * cache at one moment, under the rules of coherence. Undefined for everything else, each refusal too.
 */
export function findHot({ context, authenticator, trusted, headers, keepAliveSeconds }: FindHotOptions): FindHot {
  const { runtime, config } = context;
  const content = contentOf(context);
  const places = new HotPlaces();
  const answers = new WeakMap<StoredFile, Prepared | 'unsendable'>();
  const common = Object.entries({ ...headers, 'x-bulkhead-node': config.node.id }).flat();

  const prepared = (file: StoredFile): Prepared | 'unsendable' => {
    const known = answers.get(file);
    if (known !== undefined) return known;
    const fields = [...common, ...fieldsOfFile(file)];
    const head = answerHead(fields, keepAliveSeconds);
    const made = head === null ? 'unsendable' : { fields, head };
    answers.set(file, made);
    return made;
  };

  return (target, { authorization, forwarded }, peer) => {
    if (config.audit.reads || runtime.state() !== 'serving') return undefined;
    const place = places.of(target);
    if (place === null) return undefined;
    const address = forwardedAddress(peer, forwarded, trusted);
    if (isFull(runtime.inFlight, config.http.maxInFlight, address)) return undefined;
    const { session: { coherence }, memory, downloads } = content();
    return coherence.hot((peek) => {
      const identity = authenticator.hot(peek, authorization, address);
      if (identity === undefined) return undefined;
      const hot = place.find(peek, memory, identity.rights);
      if (hot === undefined) return undefined;
      const answer = prepared(hot.file);
      return answer === 'unsendable' ? undefined : { fields: answer.fields, head: answer.head, bytes: hot.bytes, file: hot.file, downloads, user: identity.name, address };
    });
  };
}

function fieldsOfFile({ path, mimeType, modifiedAt, blob: { size, md5, sha1, sha256 } }: StoredFile): string[] {
  return Object.entries({
    etag: `"${sha1}"`, 'last-modified': modifiedAt.toUTCString(), 'accept-ranges': 'bytes',
    'x-checksum-md5': md5, 'x-checksum-sha1': sha1, 'x-checksum-sha256': sha256,
    ...fileDisposition(path.slice(path.lastIndexOf('/') + 1)), 'content-type': mimeType, 'content-length': String(size),
  }).flat();
}
