import { setImmediate as breathe } from 'node:timers/promises';
import { BulkheadError } from '../../contract/index.ts';
import { parsedOnce } from '../parsed-once.ts';
import { chartFields, isChartName, type ChartFields } from './chart-fields.ts';
import type { ChartEntry } from './chart-index.ts';
import { chartPieces } from './chart-pieces.ts';
import { mappingOf, readYaml } from './yaml-reading.ts';

/** An upstream's index as ours, with the place of each chart at the upstream. */
export interface UpstreamIndex {
  readonly entries: readonly ChartEntry[];
  /** by path in the repository */
  readonly addresses: ReadonlyMap<string, { readonly url: string; readonly digest: string | null }>;
}

/** Larger indexes are not read: all of it is in memory while it is. Bytes. */
const maxIndexBytes = 64 * 1024 * 1024;
/** An index that has to be parsed in one go, or one chart of one that has not. Characters. */
const maxPiece = 4 * 1024 * 1024;
/** After so much work other requests get their turn; milliseconds. */
const turn = 15;

/**
 * Reads an index, piece by piece: what a large one costs is spread, and a node goes on answering meanwhile.
 * @param address of the upstream repository, without a slash at its end
 * @throws UPSTREAM_INVALID
 */
export const readUpstreamIndex = parsedOnce(async (bytes: Buffer, address: string): Promise<UpstreamIndex> => {
  if (bytes.length > maxIndexBytes) throw invalid(`has ${String(bytes.length)} bytes, more than ${String(maxIndexBytes)}`);
  const text = bytes.toString('utf8');
  const index: Collected = { address, entries: [], addresses: new Map() };
  const pieces = chartPieces(text);
  if (pieces === null) collect(index, mappingOf(parsed(text))?.['entries']);
  else {
    let begun = performance.now();
    for (const piece of pieces) {
      collect(index, parsed(piece));
      if (performance.now() - begun < turn) continue;
      await breathe();
      begun = performance.now();
    }
  }
  return index;
});

interface Collected {
  readonly address: string;
  readonly entries: ChartEntry[];
  readonly addresses: Map<string, { readonly url: string; readonly digest: string | null }>;
}

/** @param charts versions by the chart's name */
function collect({ address, entries, addresses }: Collected, charts: unknown): void {
  const mapping = mappingOf(charts);
  if (mapping === null) throw invalid('has no entries');
  for (const versions of Object.values(mapping)) {
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
}

function parsed(text: string): unknown {
  if (text.length > maxPiece) throw invalid(`has ${String(text.length)} characters in one piece, more than ${String(maxPiece)}`);
  try {
    return readYaml(text);
  } catch (error) {
    throw invalid(`cannot be read: ${error instanceof Error ? error.message.split('\n', 1)[0] ?? '' : String(error)}`, error);
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

function invalid(reason: string, cause?: unknown): BulkheadError {
  return new BulkheadError('UPSTREAM_INVALID', `Upstream's index.yaml ${reason}`, { cause });
}
