import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { SearchFindings, SearchQuestion } from '../../contract/index.ts';
import type { NodeApi } from '../node-api/index.ts';

/**
 * Looks for artifacts in the whole cluster, or in one repository.
 * @throws ARGUMENT_INVALID for a path without its repository, and what the node says (SEARCH_TOO_BROAD, …)
 */
export async function searchArtifacts(node: NodeApi, question: SearchQuestion, repository: string | undefined, signal: AbortSignal): Promise<SearchFindings> {
  if (question.by === 'path') {
    if (repository === undefined) throw new BulkheadError('ARGUMENT_INVALID', 'A path is looked for in one repository', { hint: 'Name the repository.' });
    const { files, truncated } = await node.search.pattern(repository, question.pattern, signal);
    return { found: files.map((path) => ({ repository, path, kind: 'file', size: null, modified: null })), truncated };
  }
  const { kind, asked } = asArtifactory(question);
  const { results, truncated } = await node.search.search(kind, { ...asked, ...(repository === undefined ? {} : { repos: repository }) }, signal);
  return {
    truncated,
    found: results.map(({ repo, path, size, lastModified }) => ({ repository: repo, path: path.replace(/^\//, ''), kind: size === undefined ? 'folder' : 'file', size: size ?? null, modified: lastModified ?? null })),
  };
}

const digests: Readonly<Record<number, string>> = { 32: 'md5', 40: 'sha1', 64: 'sha256' };

/** The question in the parameters of Artifactory's searches. */
export function asArtifactory(question: Exclude<SearchQuestion, { by: 'path' }>): { kind: 'artifact' | 'checksum' | 'prop' | 'gavc'; asked: Record<string, string> } {
  switch (question.by) {
    case 'name': return { kind: 'artifact', asked: { name: question.name } };
    case 'checksum': return { kind: 'checksum', asked: { [digests[question.checksum.length] ?? 'sha256']: question.checksum } };
    case 'property': return { kind: 'prop', asked: { ...question.properties } };
    case 'coordinates': {
      const { group, artifact, version, classifier } = question;
      return { kind: 'gavc', asked: Object.fromEntries(Object.entries({ g: group, a: artifact, v: version, c: classifier }).filter((entry): entry is [string, string] => entry[1] !== undefined)) };
    }
  }
}
