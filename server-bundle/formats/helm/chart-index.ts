import type { ComputedContent } from '../format.ts';
import type { ChartFields } from './chart-fields.ts';
import { compareChartVersions } from './semver.ts';
import { yamlText, type Written } from './yaml-text.ts';

/** One version of a chart in an index. */
export interface ChartEntry {
  readonly chart: ChartFields;
  /** in the repository */
  readonly path: string;
  /** ISO 8601; null where upstream does not say */
  readonly created: string | null;
  /** SHA-256, hexadecimal; null where upstream does not say */
  readonly digest: string | null;
}

/**
 * An `index.yaml` (https://helm.sh/docs/topics/chart_repository/#the-index-file): charts by name, the newest version first. Addresses are relative to the
 * index, so they hold behind any name of the server. Of several entries of one version the first counts.
 */
export function chartIndex(entries: readonly ChartEntry[], modifiedAt: Date): ComputedContent {
  const charts = new Map<string, Map<string, ChartEntry>>();
  for (const entry of entries) {
    const { name, version } = entry.chart;
    const versions = charts.get(name) ?? new Map<string, ChartEntry>();
    if (!versions.has(version)) versions.set(version, entry);
    charts.set(name, versions);
  }
  const names = [...charts.keys()].sort();
  const sorted = names.map((name) => [...charts.get(name)?.values() ?? []].sort((a, b) => compareChartVersions(b.chart.version, a.chart.version)));
  const text = yamlText({
    apiVersion: 'v1',
    entries: Object.fromEntries(sorted.map((versions, index) => [names[index] ?? '', versions.map(entryText)])),
    generated: modifiedAt.toISOString(),
  });
  return { bytes: Buffer.from(text), modifiedAt, value: sorted.flat() };
}

function entryText({ chart, path, created, digest }: ChartEntry): Record<string, Written> {
  return {
    ...chart,
    ...(created === null ? {} : { created }),
    ...(digest === null ? {} : { digest }),
    urls: [path.split('/').map(encodeURIComponent).join('/')],
  };
}
