import { cacheKeys } from '../../cluster/cache-keys.ts';
import type { Reader } from '../../cluster/ports.ts';
import { filesWithFacts } from '../../metadata/artifact-facts.ts';
import type { ComputedContent, ComputedDocument, DocumentPart, FormatRepository } from '../format.ts';
import { chartFields } from './chart-fields.ts';
import { chartIndex, type ChartEntry } from './chart-index.ts';
import { isChart } from './inspect.ts';
import { mappingOf } from './yaml-reading.ts';

export const indexPath = 'index.yaml';

/** `index.yaml`, made of the charts that are there. Empty, not absent, for a repository without any: clients begin with it. */
export function indexDocument(repository: FormatRepository): ComputedDocument {
  return {
    key: cacheKeys.helmIndex(repository.id),
    mimeType: 'application/x-yaml',
    compute: (db) => compute(db, repository.id),
  };
}

async function compute(db: Reader, repositoryId: number): Promise<ComputedContent> {
  const files = await filesWithFacts(db, repositoryId, '');
  const charts = files.filter(({ file }) => isChart(file.path));
  const entries = charts.flatMap(({ file, facts }): ChartEntry[] => {
    const chart = chartFields(mappingOf(facts)?.['chart']);
    return chart === null ? [] : [{ chart, path: file.path, created: file.createdAt.toISOString(), digest: file.blob.sha256 }];
  });
  const modifiedAt = charts.reduce((latest, { file }) => Math.max(latest, file.modifiedAt.getTime()), 0);
  // of an empty one the beginning of time: it is the same on every node, and has no part in when a merged one has changed
  return chartIndex(entries, new Date(modifiedAt));
}

/** The index of a virtual repository without members. */
export function emptyIndex(path: string): ComputedContent | undefined {
  return path === indexPath ? chartIndex([], new Date(0)) : undefined;
}

/** One index of those of a virtual repository's members; of entries of one version the first member's counts. */
export function mergeIndexes(_repository: FormatRepository, _path: string, parts: readonly DocumentPart[]): ComputedContent {
  const modifiedAt = new Date(Math.max(...parts.map(({ content }) => content.modifiedAt.getTime())));
  return chartIndex(parts.flatMap(({ content }) => content.value as readonly ChartEntry[]), modifiedAt);
}
