import type { SearchQuestion } from '../../electron/contract/index.ts';

/** What the typed words are taken for; `any` tells it from how they look. */
export const searchKinds = [
  { kind: 'any', title: 'whatever it looks like', example: 'invoice-core*.jar, a checksum, name=value, or group:artifact' },
  { kind: 'name', title: 'file name', example: 'invoice-core-*.jar' },
  { kind: 'path', title: 'path', example: 'com/acme/**/*.pom' },
  { kind: 'checksum', title: 'checksum', example: 'MD5, SHA-1 or SHA-256' },
  { kind: 'property', title: 'property', example: 'build.name=billing stage=release' },
  { kind: 'coordinates', title: 'Maven coordinates', example: 'com.acme:invoice-core:3.0.0' },
] as const;
export type SearchKind = (typeof searchKinds)[number]['kind'];

export function searchKindOf(asked: unknown): SearchKind {
  return searchKinds.find(({ kind }) => kind === asked)?.kind ?? 'any';
}

/** A question that can be asked, what is missing for one, or nothing to ask. */
export type ReadSearch = { readonly question: SearchQuestion } | { readonly problem: string } | null;

const digest = /^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/i;

/** Takes typed words for a question. @param repository the one that is searched; '' for all */
export function readSearch(text: string, kind: SearchKind, repository: string): ReadSearch {
  const words = text.trim();
  if (words === '') return null;
  switch (kind === 'any' ? looksLike(words) : kind) {
    case 'checksum': return digest.test(words) ? { question: { by: 'checksum', checksum: words.toLowerCase() } } : { problem: 'A checksum has 32, 40 or 64 hexadecimal digits: MD5, SHA-1 or SHA-256' };
    case 'coordinates': return coordinates(words);
    case 'property': return properties(words);
    case 'path': return repository === '' ? { problem: 'Choose the repository: a path is looked for in one' } : { question: { by: 'path', pattern: words.replace(/^\/+/, '') } };
    case 'name': return words.includes('/') ? { problem: 'A file name holds no “/”: look for a path instead' } : { question: { by: 'name', name: words } };
  }
}

function looksLike(words: string): Exclude<SearchKind, 'any'> {
  if (digest.test(words)) return 'checksum';
  if (/^[^\s=/:]+=/.test(words)) return 'property';
  if (words.includes('/')) return 'path';
  return /^[^\s:]*:[^\s]*$/.test(words) ? 'coordinates' : 'name';
}

function coordinates(words: string): ReadSearch {
  const [group, artifact, version, classifier, ...rest] = words.split(':').map((part) => part.trim() || undefined);
  if (rest.length > 0) return { problem: 'Coordinates are group:artifact:version:classifier' };
  if (group === undefined && artifact === undefined) return { problem: 'The group or the artifact is needed: com.acme:invoice-core' };
  const given = { group, artifact, version, classifier };
  return { question: { by: 'coordinates', ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) } };
}

function properties(words: string): ReadSearch {
  const pairs = words.split(/[\s;]+/).filter((part) => part !== '').map((part) => {
    const [name = '', ...value] = part.split('=');
    return [name, value.join('=')] as const;
  });
  if (pairs.some(([name]) => name === '')) return { problem: 'A property is name=value; without a value, or with *, any will do' };
  return { question: { by: 'property', properties: Object.fromEntries(pairs) } };
}

const said: Readonly<Record<SearchQuestion['by'], string>> = { name: 'file name', path: 'path', checksum: 'checksum', property: 'property', coordinates: 'Maven coordinates' };

/** "by checksum", for what was found out from the look of the words. */
export function saidOf({ by }: SearchQuestion): string {
  return `by ${said[by]}`;
}
