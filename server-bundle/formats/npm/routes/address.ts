import { BulkheadError } from '../../../contract/index.ts';
import { parseRepositoryPath } from '../../../http/artifact-path.ts';

/** What an address below `/artifactory/api/npm/` names. */
export interface RegistryAddress {
  readonly repositoryKey: string;
  /** parts of the path, decoded; a scope and the name behind it are one part: `@scope/name` */
  readonly parts: readonly string[];
}

export const prefix = '/artifactory/api/npm/';

/**
 * Reads the raw address of a request. npm's clients send a scoped name as one segment with an encoded slash (`@scope%2fname`), others as two;
 * both mean the same, and nowhere else may a slash be encoded.
 * @throws PATH_INVALID, PATH_TOO_LONG
 */
export function parseRegistryUrl(url: string): RegistryAddress {
  const [raw = ''] = url.split('?', 1);
  const scoped = raw.slice(prefix.length).replace(/(^|\/)((?:@|%40)[^/%]+)%2f(?=[^/%])/gi, '$1$2/').replace(/\/$/, '');
  if (!raw.startsWith(prefix)) throw new BulkheadError('PATH_INVALID');
  const { repositoryKey, path } = parseRepositoryPath(scoped);
  const parts: string[] = [];
  for (const segment of path.split('/').filter((each) => each !== '')) {
    const before = parts.at(-1);
    if (before?.startsWith('@') === true && !before.includes('/')) parts[parts.length - 1] = `${before}/${segment}`;
    else parts.push(segment);
  }
  return { repositoryKey, parts };
}

/** Values of the placeholders of a pattern (`:name`); null when the address has another form. */
export function matched(pattern: string, parts: readonly string[]): Readonly<Record<string, string>> | null {
  const wanted = pattern === '' ? [] : pattern.split('/');
  if (wanted.length !== parts.length) return null;
  const values: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const given = parts[index] ?? '';
    if (!part.startsWith(':')) {
      if (part !== given) return null;
    } else if (part === ':package' && (given === '-' || given.startsWith('.'))) return null;
    else values[part.slice(1)] = given;
  }
  return values;
}
