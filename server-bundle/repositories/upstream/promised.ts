import { BulkheadError } from '../../contract/index.ts';
import type { UpstreamRequest } from '../../formats/index.ts';
import type { Content } from '../content.ts';
import { remoteOf } from '../remote-settings.ts';
import type { Repository } from '../repository.ts';
import { checksumIn } from '../sidecar.ts';
import { dump } from './connection.ts';
import { wholeBody } from './whole-body.ts';

/** Digests that upstream has promised, in lower-case hexadecimal. */
export type Promised = NonNullable<UpstreamRequest['expected']>;

const hexLength = { sha256: 64, sha1: 40, sha512: 128, md5: 32 } as const;
const algorithms = ['sha256', 'sha1', 'sha512', 'md5'] as const;
/** A checksum file is a line. Bytes. */
const longestSidecar = 4096;

/** What the headers of an answer say of its body (`X-Checksum-*`). */
export function promisedChecksums(headers: Readonly<Record<string, string | string[] | undefined>>): Promised {
  const found: Record<string, string> = {};
  for (const algorithm of algorithms) {
    const value = [headers[`x-checksum-${algorithm}`]].flat()[0]?.trim().toLowerCase();
    if (value?.length === hexLength[algorithm] && /^[0-9a-f]+$/.test(value)) found[algorithm] = value;
  }
  return found;
}

/**
 * The checksum in the file that upstream keeps beside an artifact, as the repository's policy wants it; nothing when headers or the format
 * have promised one already.
 * @throws UPSTREAM_INVALID when the policy demands one and there is none
 */
export async function sidecarChecksum(content: Content, repository: Repository, request: UpstreamRequest, promised: Promised): Promise<Promised> {
  const policy = remoteOf(repository).remoteRepoChecksumPolicyType;
  if (request.hasSidecars !== true || policy === 'ignore-and-generate' || policy === 'pass-thru') return {};
  if (promised.sha256 !== undefined || promised.sha1 !== undefined) return {};
  const sha1 = await fetchSidecar(content, repository, `${request.url}.sha1`).catch((error: unknown) => {
    if (policy === 'fail') throw error;
    return null;
  });
  if (sha1 !== null) return { sha1 };
  if (policy === 'fail') throw new BulkheadError('UPSTREAM_INVALID', 'Upstream has no checksum of this file, and the repository demands one');
  return {};
}

async function fetchSidecar(content: Content, repository: Repository, url: string): Promise<string | null> {
  const answer = await content.upstreams.connection(repository).ask({ url, headers: { accept: '*/*', 'accept-encoding': 'identity' } }, content.session.signal);
  if (answer.statusCode !== 200) {
    await dump(answer);
    return null;
  }
  return checksumIn((await wholeBody(answer, longestSidecar)).toString('latin1'), 'sha1');
}

/** @throws UPSTREAM_INVALID with both values */
export function requirePromised(promised: Promised, actual: Promised): void {
  for (const algorithm of algorithms) {
    const expected = promised[algorithm];
    if (expected === undefined || expected.toLowerCase() === actual[algorithm]) continue;
    throw new BulkheadError('UPSTREAM_INVALID', `Upstream sent other bytes than it promised: ${algorithm} ${actual[algorithm] ?? ''} instead of ${expected}`,
      { details: { algorithm, promised: expected, actual: actual[algorithm] } });
  }
}
