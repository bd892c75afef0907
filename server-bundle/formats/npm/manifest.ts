import { withoutScope } from './paths.ts';
import { addedFields, type VersionFacts } from './version-facts.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Longest readme that is kept, characters. */
const maxReadme = 512 * 1024;

export interface TarballFigures {
  readonly integrity: string;
  readonly fileCount?: number;
  readonly unpackedSize?: number;
}

/** Facts of a version, from its manifest (as a client publishes it, or `package.json`) and its tarball. */
export function versionFacts(name: string, version: string, manifest: JsonObject, figures: TarballFigures, readme?: string): VersionFacts {
  const kept = Object.fromEntries(Object.entries(manifest).filter(([key]) => !addedFields.has(key)));
  const text = readme ?? (typeof manifest['readme'] === 'string' ? manifest['readme'] : undefined);
  return {
    ...figures, name, version, manifest: wellFormed(JSON.stringify({ ...kept, name, version })), npmWords: words(name, manifest),
    // the database takes no NUL
    ...(text === undefined || text === '' ? {} : { readme: wellFormed(text.slice(0, maxReadme).replaceAll('\0', '')) }),
    ...(typeof manifest['deprecated'] === 'string' && manifest['deprecated'] !== '' ? { deprecated: deprecation(manifest['deprecated']) } : {}),
  };
}

/** A message that says why not to use a version, as it is kept. */
export function deprecation(message: string): string {
  return wellFormed(message.slice(0, 4096).replaceAll('\0', ''));
}

/** Lone surrogates cannot be stored. */
function wellFormed(text: string): string {
  return text.toWellFormed();
}

/** What a search can find a version by. */
function words(name: string, manifest: JsonObject): string {
  const { description, keywords, author } = manifest;
  const texts = [name, withoutScope(name), ...(Array.isArray(keywords) ? keywords as unknown[] : [keywords]), description, isObject(author) ? author['name'] : author].filter((text) => typeof text === 'string');
  return [...new Set(wordsOf(texts.join(' ').slice(0, 16_384)))].join(' ');
}

/** Words of a text as the search compares them. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
