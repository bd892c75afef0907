/** The fields of a METADATA or PKG-INFO file (core metadata, https://packaging.python.org/specifications/core-metadata/). */
export interface CoreMetadata {
  /** the first value of a field; names are compared without case */
  first(field: string): string | undefined;
  /** every value of a field that may be given several times */
  all(field: string): readonly string[];
  /** what follows the fields, or the field Description; empty when there is none */
  readonly description: string;
}

/** Reads fields as an e-mail has them: `Name: value`, continued on lines that begin with a space. What is no field is passed over. */
export function parseCoreMetadata(text: string): CoreMetadata {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  const fields = new Map<string, string[]>();
  let values: string[] | undefined;
  let at = 0;
  for (; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (line === '') break;
    if (/^[ \t]/.test(line)) {
      const last = values?.pop();
      if (last !== undefined) values?.push(`${last}\n${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(':');
    if (colon <= 0) {
      values = undefined;
      continue;
    }
    const name = line.slice(0, colon).trim().toLowerCase();
    values = fields.get(name) ?? [];
    values.push(line.slice(colon + 1).trim());
    fields.set(name, values);
  }
  const body = lines.slice(at + 1).join('\n');
  return {
    first: (field) => fields.get(field.toLowerCase())?.[0],
    all: (field) => fields.get(field.toLowerCase()) ?? [],
    description: body.trim() === '' ? fields.get('description')?.[0] ?? '' : body,
  };
}
