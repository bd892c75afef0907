/** What is written: texts, truth values, lists and mappings of them. */
export type Written = string | boolean | readonly Written[] | { readonly [key: string]: Written };

/**
 * YAML in blocks, with every text quoted as JSON quotes it (which YAML reads the same, YAML 1.2 section 1.3): no value can be taken for a number, a date or a
 * truth value, and a large index is written in one pass.
 */
export function yamlText(value: Readonly<Record<string, Written>>): string {
  const lines: string[] = [];
  writeMapping(lines, value, '', '');
  return `${lines.join('\n')}\n`;
}

/** @param first goes before the first line instead of `indent`: the dash of a list */
function writeMapping(lines: string[], mapping: Readonly<Record<string, Written>>, indent: string, first: string): void {
  let before = first;
  for (const [key, value] of Object.entries(mapping)) {
    const name = /^[a-z][a-z0-9-]*$/i.test(key) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(key) ? key : quoted(key);
    writeValue(lines, value, indent, `${before}${name}:`);
    before = indent;
  }
}

function writeValue(lines: string[], value: Written, indent: string, before: string): void {
  if (typeof value === 'string') lines.push(`${before} ${quoted(value)}`);
  else if (typeof value === 'boolean') lines.push(`${before} ${String(value)}`);
  else if (isList(value)) {
    if (value.length === 0) lines.push(`${before} []`);
    else {
      lines.push(before);
      for (const item of value) writeItem(lines, item, indent);
    }
  } else if (Object.keys(value).length === 0) lines.push(`${before} {}`);
  else {
    lines.push(before);
    writeMapping(lines, value, `${indent}  `, `${indent}  `);
  }
}

function writeItem(lines: string[], item: Written, indent: string): void {
  if (typeof item === 'object' && !isList(item) && Object.keys(item).length > 0) writeMapping(lines, item, `${indent}  `, `${indent}- `);
  else writeValue(lines, item, `${indent}  `, `${indent}-`);
}

function isList(value: Written): value is readonly Written[] {
  return Array.isArray(value);
}

/** JSON leaves characters as they are that YAML does not take unescaped (section 5.1). */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
