import { parseChartVersion } from './semver.ts';
import type { Written } from './yaml-text.ts';
import { mappingOf } from './yaml-reading.ts';

/** The fields of a Chart.yaml as an index repeats them (https://helm.sh/docs/topics/charts/#the-chartyaml-file). */
export type ChartFields = Readonly<Record<string, Written>> & { readonly name: string; readonly version: string };

const texts = ['apiVersion', 'name', 'version', 'kubeVersion', 'description', 'type', 'home', 'icon', 'appVersion', 'condition', 'tags', 'engine', 'tillerVersion'];
const textLists = ['keywords', 'sources'];
const truths = ['deprecated', 'removed'];
const dependencyTexts = ['name', 'version', 'repository', 'condition', 'alias'];
/** Longer ones are cut: nobody reads them, and each index repeats them. */
const maxItems = 500;

/** The known fields of a chart; null without a valid name and version. Whatever else is written there, and whatever has another shape, is left out. */
export function chartFields(written: unknown): ChartFields | null {
  const chart = mappingOf(written);
  const { name, version } = chart ?? {};
  if (chart === null || typeof name !== 'string' || typeof version !== 'string' || !isChartName(name) || parseChartVersion(version) === null) return null;
  const fields: Record<string, Written> = {};
  for (const field of texts) if (typeof chart[field] === 'string' && chart[field] !== '') fields[field] = chart[field];
  for (const field of textLists) {
    const list = textsOf(chart[field]);
    if (list.length > 0) fields[field] = list;
  }
  for (const field of truths) if (chart[field] === 'true' || chart[field] === true) fields[field] = true;
  const maintainers = mappingsOf(chart['maintainers']).map((each) => pick(each, ['name', 'email', 'url'])).filter((each) => Object.keys(each).length > 0);
  if (maintainers.length > 0) fields['maintainers'] = maintainers;
  const dependencies = mappingsOf(chart['dependencies']).map(dependency);
  if (dependencies.length > 0) fields['dependencies'] = dependencies;
  const annotations = Object.entries(mappingOf(chart['annotations']) ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string').slice(0, maxItems);
  if (annotations.length > 0) fields['annotations'] = Object.fromEntries(annotations);
  return { ...fields, name, version };
}

/** As Helm checks it; "." and ".." lead nowhere. */
export function isChartName(name: string): boolean {
  return /^[a-zA-Z0-9._-]{1,250}$/.test(name) && !/^\.+$/.test(name);
}

function dependency(written: Readonly<Record<string, unknown>>): Record<string, Written> {
  const tags = textsOf(written['tags']);
  const enabled = written['enabled'];
  return {
    ...pick(written, dependencyTexts),
    ...(tags.length === 0 ? {} : { tags }),
    ...(enabled === 'true' || enabled === true ? { enabled: true } : {}),
  };
}

function pick(written: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = written[name];
    return typeof value === 'string' && value !== '' ? [[name, value]] : [];
  }));
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string').slice(0, maxItems) : [];
}

function mappingsOf(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(mappingOf).filter((item) => item !== null).slice(0, maxItems) : [];
}
