import { BulkheadError } from '../../contract/index.ts';
import { lookInto, readTarEntry } from '../archives/index.ts';
import type { FormatRepository, InspectedFile } from '../format.ts';
import { chartFields, type ChartFields } from './chart-fields.ts';
import { readYaml } from './yaml-reading.ts';

/** Largest Chart.yaml; bytes. */
const maxChartYamlBytes = 1024 * 1024;
/** So much of an unpacked chart is searched for it; bytes. */
const scanLimit = 256 * 1024 * 1024;

/** What is kept of a chart beside its bytes. */
export interface ChartFacts {
  readonly chart: ChartFields;
}

/** The Chart.yaml of a packed chart. @throws PACKAGE_INVALID for a `.tgz` that is none */
export async function inspectChart(_repository: FormatRepository, path: string, file: InspectedFile): Promise<ChartFacts | null> {
  if (!isChart(path)) return null;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const bytes = await lookInto(name, () => readTarEntry(file, { wanted: (entry) => /^(?:\.\/)?[^/]+\/Chart\.yaml$/.test(entry), limit: maxChartYamlBytes, scanLimit }));
  if (bytes === undefined) throw invalid(name, 'it holds no Chart.yaml');
  if (bytes === null) throw invalid(name, 'its Chart.yaml is too large');
  const chart = chartFields(await lookInto(`Chart.yaml of ${name}`, async () => readYaml(bytes.toString('utf8'))));
  if (chart === null) throw invalid(name, 'its Chart.yaml has no valid name and version (SemVer 2)');
  return { chart };
}

/** Whether a file is listed in the index; its provenance (`.tgz.prov`) is not. */
export function isChart(path: string): boolean {
  return path.endsWith('.tgz');
}

function invalid(file: string, reason: string): BulkheadError {
  return new BulkheadError('PACKAGE_INVALID', `${file} is no chart: ${reason}`, { details: { file, reason } });
}
