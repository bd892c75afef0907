import { gzipSync } from 'node:zlib';
import { tar } from './python-packages.ts';

export interface BuiltChart {
  readonly fileName: string;
  readonly bytes: Buffer;
}

/** A packed chart, as `helm package` makes it. @param more further lines of its Chart.yaml */
export function buildChart(name: string, version: string, more: readonly string[] = []): BuiltChart {
  const chart = ['apiVersion: v2', `name: ${name}`, `version: ${version}`, ...more, ''].join('\n');
  const files: [string, Buffer][] = [[`${name}/Chart.yaml`, Buffer.from(chart)], [`${name}/templates/map.yaml`, Buffer.from('kind: ConfigMap\n')]];
  return { fileName: `${name}-${version}.tgz`, bytes: gzipSync(tar(files)) };
}
