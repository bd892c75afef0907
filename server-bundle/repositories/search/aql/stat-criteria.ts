import type { SearchCondition } from '../../../metadata/search/conditions.ts';
import { comparingDownloader, comparingDownloads, comparingLastDownload, everDownloaded } from '../../../metadata/search/download-conditions.ts';
import type { DownloadStats } from '../../../metadata/downloads.ts';
import { comparedMoment, comparedNumber, comparisonOf } from './operands.ts';
import { notUnderstood } from './parse-query.ts';

/** What is known of downloads, in the words of Artifactory's domain `stat`. Undefined: never downloaded. */
export const statFields: Readonly<Record<string, (stats: DownloadStats | undefined) => string | number | undefined>> = {
  'stat.downloads': (stats) => stats?.downloads ?? 0,
  'stat.downloaded': (stats) => stats?.lastAt.toISOString(),
  'stat.downloaded_by': (stats) => stats?.lastBy,
};

/** A criterion about downloads. @param operator without its dollar @throws PARAMETER_INVALID */
export function comparingStat(field: string, operator: string, text: string): SearchCondition {
  switch (field) {
    case 'stat.downloads': {
      const { comparison, value } = comparedNumber(field, comparisonOf(operator, field), text);
      return comparingDownloads(comparison, value);
    }
    case 'stat.downloaded': {
      const { comparison, moment } = comparedMoment(field, operator, text);
      return comparingLastDownload(comparison, moment);
    }
    case 'stat.downloaded_by': return comparingDownloader(comparisonOf(operator, field), text);
    default: throw unknownStat(field);
  }
}

/** A comparison with null, as scripts ask for what was never downloaded. @throws PARAMETER_INVALID */
export function whetherDownloaded(field: string, operator: string): SearchCondition {
  if (!Object.hasOwn(statFields, field)) throw unknownStat(field);
  if (operator !== 'eq' && operator !== 'ne') throw notUnderstood(`${field} is compared with null by $eq or $ne`);
  return everDownloaded(operator === 'ne');
}

/** @param name as in `include`: one of the fields, or all of them; undefined when it is about something else @throws PARAMETER_INVALID */
export function shownStats(name: string): readonly string[] | undefined {
  if (name === 'stat' || name === 'stat.*') return Object.keys(statFields);
  if (!name.startsWith('stat.')) return undefined;
  if (!Object.hasOwn(statFields, name)) throw unknownStat(name);
  return [name];
}

function unknownStat(field: string): Error {
  return notUnderstood(`there is no field ${field.slice(0, 100)}: ${Object.keys(statFields).join(', ')} are known`);
}

/** The one entry of `stats` in an answer. */
export function statJson(stats: DownloadStats | undefined, fields: readonly string[]): Record<string, string | number> {
  return Object.fromEntries(fields.flatMap((field) => {
    const value = statFields[field]?.(stats);
    return value === undefined ? [] : [[field.slice('stat.'.length), value]];
  }));
}
