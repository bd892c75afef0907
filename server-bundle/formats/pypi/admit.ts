import { BulkheadError } from '../../contract/index.ts';
import type { FormatRepository } from '../format.ts';
import { distributionAt, distributionPath, looksLikeDistribution, parseDistribution } from './file-names.ts';
import { normalizeName } from './names.ts';

/**
 * A file that installers would look for has one place, `project/version/file`, with both spelled as PEP 503 and PEP 440 normalize them: in any other it
 * would be listed nowhere. Other files (signatures, notes) may stand anywhere.
 * @throws LAYOUT_VIOLATION with the right place where there is one
 */
export function admitDistribution(repository: FormatRepository, path: string): void {
  const segments = path.split('/');
  const fileName = segments.at(-1) ?? '';
  if (!looksLikeDistribution(fileName) || distributionAt(path) !== null) return;
  const project = normalizeName(segments.length > 1 ? segments[0] ?? '' : /^[^-]+/.exec(fileName)?.[0] ?? '');
  const read = parseDistribution(fileName, project);
  const expected = read === null ? null : distributionPath(read);
  throw new BulkheadError('LAYOUT_VIOLATION',
    expected === null
      ? `'${path}' is no place for a distribution: it has to be project/version/file, and the file's name has to name both`
      : `The place of ${fileName} is '${expected}', not '${path}'`,
    { details: { repository: repository.key, path, expected } });
}
