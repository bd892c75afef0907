import { BulkheadError } from '../../../contract/index.ts';
import { membersFor } from '../../../repositories/members.ts';
import type { Content } from '../../../repositories/content.ts';
import { remoteOf } from '../../../repositories/remote-settings.ts';
import type { Repository } from '../../../repositories/repository.ts';
import { readCodings } from '../../../repositories/upstream/decoded-body.ts';
import { wholeBody } from '../../../repositories/upstream/whole-body.ts';
import type { Principal } from '../../../security/principal.ts';

/** Largest answer that is taken, bytes. */
const largest = 32 * 1024 * 1024;

/** The repositories behind one, by class: itself, or the members of a virtual one that the principal may read. */
export async function behind(content: Content, principal: Principal, repository: Repository): Promise<{ readonly locals: Repository[]; readonly remotes: Repository[] }> {
  const members = await membersFor(content.session.coherence.read, principal, repository, '');
  return { locals: members.filter(({ rclass }) => rclass === 'local'), remotes: members.filter(({ rclass }) => rclass === 'remote') };
}

/**
 * Asks a remote repository's upstream something that is not kept: JSON in, JSON out.
 * @throws UPSTREAM_FAILED, UPSTREAM_INVALID, ARTIFACT_NOT_FOUND when upstream has no such call
 */
export async function askUpstream(content: Content, repository: Repository, url: string, body?: unknown): Promise<unknown> {
  if (remoteOf(repository).offline) throw new BulkheadError('UPSTREAM_FAILED', `'${repository.key}' is switched offline`);
  const headers = { accept: 'application/json', 'accept-encoding': readCodings };
  const question = body === undefined
    ? { url, headers }
    : { url, method: 'POST' as const, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await content.upstreams.connection(repository).ask(question, content.session.signal);
  const bytes = await wholeBody(answer, largest);
  if (answer.statusCode === 404 || answer.statusCode === 405) throw new BulkheadError('ARTIFACT_NOT_FOUND', `The upstream of '${repository.key}' has no ${url.split('?', 1)[0] ?? ''}`);
  if (answer.statusCode !== 200) throw new BulkheadError('UPSTREAM_FAILED', `Upstream answered with ${String(answer.statusCode)}`);
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    throw new BulkheadError('UPSTREAM_INVALID', `Upstream answered ${url.split('?', 1)[0] ?? ''} with something that is not JSON`, { cause: error });
  }
}
