import { invalid, propertiesOf, requirePropertyName, type Properties } from './property-rules.ts';

/**
 * Artifactory's `properties` parameter: `name=value,value|name=value`. Properties are parted by `|` or `;`. A backslash takes the meaning
 * from the character after it. A further `=` belongs to the value.
 * @throws PROPERTY_INVALID
 */
export function parsePropertyString(text: string): Properties {
  return propertiesOf(pairsIn(text));
}

function* pairsIn(text: string): Generator<readonly [string, string]> {
  for (const part of splitOutside(text, /[|;]/)) {
    if (part === '') continue;
    const [rawName = '', ...rest] = splitOutside(part, /=/);
    const name = unescaped(rawName);
    if (rest.length === 0) throw invalid(name, 'there is no "=" behind it');
    for (const value of splitOutside(rest.join('='), /,/)) yield [name, unescaped(value)];
  }
}

/** Names as `?properties=a,b` lists them. @throws PROPERTY_INVALID */
export function parsePropertyNames(text: string): string[] {
  const names = [...new Set(splitOutside(text, /,/).map(unescaped).filter((name) => name !== ''))];
  for (const name of names) requirePropertyName(name);
  return names;
}

/** Splits at separators that no backslash stands before; backslashes stay. */
function splitOutside(text: string, separator: RegExp): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '\\') at += 1;
    else if (separator.test(character)) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function unescaped(text: string): string {
  return text.replace(/\\([\s\S])/g, '$1');
}
