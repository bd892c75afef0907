import type { FormatRepository } from './format.ts';

/** Address that a remote repository stands in for, without a slash at its end; empty for a repository of another class. */
export function upstreamAddress(repository: FormatRepository): string {
  const { remote } = repository.config;
  const url = typeof remote === 'object' && remote !== null && 'url' in remote ? remote.url : undefined;
  return typeof url === 'string' ? url.replace(/\/+$/, '') : '';
}
