import { BulkheadError } from '../../contract/index.ts';
import { parsedOnce } from '../parsed-once.ts';
import { chartFields, isChartName, type ChartFields } from './chart-fields.ts';
import type { ChartEntry } from './chart-index.ts';
import { mappingOf, readYaml } from './yaml-reading.ts';

/** An upstream's index as ours, with the place of each chart at the upstream. */
export interface UpstreamIndex {
  readonly entries: readonly ChartEntry[];
  /** by path in the repository */
  readonly addresses: ReadonlyMap<string, { readonly url: string; readonly digest: string | null }>;
}

/** Larger indexes are not read: the whole of it is in memory while it is. Bytes. */
const maxIndexBytes = 64 * 1024 * 1024;

/** Reads an index. @param address of the upstream repository, without a slash at its end @throws UPSTREAM_INVALID */
export const readUpstreamIndex = parsedOnce((bytes, address): UpstreamIndex => {
  const charts = mappingOf(mappingOf(parsed(bytes))?.['entries']);
  if (charts === null) throw new BulkheadError('UPSTREAM_INVALID', "Upstream's index.yaml has no entries");
  const entries: ChartEntry[] = [];
  const addresses = new Map<string, { url: string; digest: string | null }>();
  for (const versions of Object.values(charts)) {
    for (const written of Array.isArray(versions) ? versions as unknown[] : []) {
      const chart = chartFields(written);
      const { urls, created, digest } = mappingOf(written) ?? {};
      const url = absolute(urls, address);
      if (chart === null || url === null) continue;
      const path = pathOf(url, address, chart);
      if (addresses.has(path)) continue;
      const sha256 = typeof digest === 'string' ? /^(?:sha256:)?([0-9a-f]{64})$/i.exec(digest)?.[1]?.toLowerCase() ?? null : null;
      addresses.set(path, { url: url.href, digest: sha256 });
      entries.push({ chart, path, created: typeof created === 'string' && !Number.isNaN(Date.parse(created)) ? created : null, digest: sha256 });
    }
  }
  return { entries, addresses };
});

function parsed(bytes: Buffer): unknown {
  if (bytes.length > maxIndexBytes) throw new BulkheadError('UPSTREAM_INVALID', `Upstream's index.yaml has ${String(bytes.length)} bytes, more than ${String(maxIndexBytes)}`);
  try {
    return readYaml(bytes);
  } catch (error) {
    throw new BulkheadError('UPSTREAM_INVALID', `Upstream's index.yaml cannot be read: ${error instanceof Error ? error.message.split('\n', 1)[0] ?? '' : String(error)}`, { cause: error });
  }
}

/** The first address of an entry, as Helm takes it. */
function absolute(urls: unknown, address: string): URL | null {
  const first: unknown = Array.isArray(urls) ? urls[0] : undefined;
  const url = typeof first === 'string' ? URL.parse(first, `${address}/`) : null;
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : null;
}

/** Below the upstream's own address a chart keeps its path; one that lies elsewhere, or whose path could not be ours, gets one of its own. */
function pathOf(url: URL, address: string, { name, version }: ChartFields): string {
  const base = `${address}/`;
  const own = url.href.startsWith(base) && url.search === '' && url.hash === '' ? url.href.slice(base.length) : '';
  if (own.length < 800 && own.endsWith('.tgz') && own.split('/').every(isChartName)) return own;
  return `elsewhere/${name}/${name}-${version}.tgz`;
}
