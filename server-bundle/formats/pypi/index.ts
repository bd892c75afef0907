import type { Format } from '../format.ts';
import { admitDistribution } from './admit.ts';
import { computedAt, documentsBelow, documentsOf } from './documents.ts';
import { inspectDistribution } from './inspect.ts';
import { emptyDocument, mergeDocuments } from './merge.ts';
import { pypiRemote } from './remote.ts';
import { pypiSettings } from './settings.ts';

/** Python packages: `project/version/file`, listed by the simple API (PEP 503, 691, 700). */
export const pypi: Format = {
  packageType: 'pypi',
  displayName: 'PyPI',
  layout: 'simple-default',
  settings: pypiSettings,
  admit: admitDistribution,
  isMutable: () => false,
  computed: computedAt,
  touches: documentsOf,
  touchesBelow: documentsBelow,
  inspect: inspectDistribution,
  remote: pypiRemote,
  merge: mergeDocuments,
  empty: emptyDocument,
};
