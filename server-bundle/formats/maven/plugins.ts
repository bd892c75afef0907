import type { NearFile } from '../../metadata/maven-files.ts';
import { coordinatesOf } from './coordinates.ts';
import { element, latest, type MetadataPart } from './xml.ts';

/** How plugins are named by convention: `maven-x-plugin` for Maven's own, `x-maven-plugin` for everybody else's. */
const conventional = /^(?:maven-(.+)-plugin|(.+)-maven-plugin|maven-(plugin)-plugin)$/;

/**
 * Group level: the plugins of a group and their prefixes, by the naming convention that Maven itself uses when a plugin
 * declares no prefix of its own.
 */
export function pluginsOf(folder: readonly string[], files: readonly NearFile[]): MetadataPart | null {
  const plugins = new Map<string, string>();
  const dates: Date[] = [];
  for (const file of files) {
    const coordinates = coordinatesOf(file.path);
    const prefix = coordinates === null ? null : prefixOf(coordinates.artifactId);
    if (coordinates === null || prefix === null || coordinates.extension !== 'pom') continue;
    plugins.set(coordinates.artifactId, prefix);
    dates.push(file.modifiedAt);
  }
  if (folder.length === 0 || plugins.size === 0) return null;
  const sorted = [...plugins].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    modifiedAt: latest(dates),
    elements: [element('plugins', sorted.map(([artifactId, prefix]) => element('plugin', [
      element('name', artifactId), element('prefix', prefix), element('artifactId', artifactId),
    ])))],
  };
}

function prefixOf(artifactId: string): string | null {
  const match = conventional.exec(artifactId);
  return match === null ? null : (match[1] ?? match[2] ?? match[3] ?? null);
}
