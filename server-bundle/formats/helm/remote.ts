import type { RemoteFormat } from '../remote-format.ts';
import { upstreamAddress } from '../upstream-address.ts';
import { chartIndex } from './chart-index.ts';
import { indexPath } from './index-document.ts';
import { isChart } from './inspect.ts';
import { readUpstreamIndex } from './upstream-index.ts';

const provenance = '.prov';

/** How a chart repository stands in for another one: its index is written anew with our paths, charts that it has elsewhere come through us as well. */
export const helmRemote: RemoteFormat = {
  upstream: async (repository, path, documentOf) => {
    const address = upstreamAddress(repository);
    if (path === indexPath) return { url: `${address}/${indexPath}`, kind: 'document' };
    const chart = path.endsWith(provenance) ? path.slice(0, -provenance.length) : path;
    if (!isChart(chart)) return { url: `${address}/${path.split('/').map(encodeURIComponent).join('/')}`, kind: 'document' };
    const bytes = await documentOf(indexPath);
    const found = bytes === undefined ? undefined : (await readUpstreamIndex(bytes, address)).addresses.get(chart);
    if (found === undefined) return null;
    if (chart === path) return { url: found.url, kind: 'file', expected: found.digest === null ? {} : { sha256: found.digest } };
    const url = new URL(found.url);
    url.pathname += provenance;
    return { url: url.href, kind: 'file' };
  },
  document: async (repository, _path, { bytes, modifiedAt }) => chartIndex((await readUpstreamIndex(bytes, upstreamAddress(repository))).entries, modifiedAt),
};
