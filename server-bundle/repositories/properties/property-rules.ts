import { BulkheadError } from '../../contract/index.ts';

/** Values by name; a value stands once under its name. */
export type Properties = ReadonlyMap<string, readonly string[]>;

/** Bytes in UTF-8; together with the longest path they fit an entry of an index. */
const maxNameBytes = 255;
const maxValueBytes = 1024;
/** Names in one request, and values of all names together. */
const maxNames = 200;
const maxValues = 1000;
/** Names and values of one item. */
export const maxPropertiesOfItem = 2000;

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const forbiddenInName = /[)(}{\][*+^$\\/~`!@#%&<>;=,±§\s\u0000-\u001f\u007f-\u009f]/;
// eslint-disable-next-line no-control-regex -- the same
const forbiddenInValue = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** @throws PROPERTY_INVALID for a name that Artifactory would not take either */
export function requirePropertyName(name: string): void {
  if (!/^\p{L}/u.test(name)) throw invalid(name, 'a name begins with a letter', 'name');
  if (forbiddenInName.test(name)) throw invalid(name, 'the name holds a character that is not allowed', 'name');
  if (!name.isWellFormed() || Buffer.byteLength(name) > maxNameBytes) throw invalid(name, `a name has ${String(maxNameBytes)} bytes at most`, 'name');
}

function requireValue(name: string, value: string): void {
  if (!value.isWellFormed() || forbiddenInValue.test(value)) throw invalid(name, 'a value holds a control character', 'value');
  if (Buffer.byteLength(value) > maxValueBytes) throw invalid(name, `a value has ${String(maxValueBytes)} bytes at most`, 'value');
}

/** Pairs as they came, by name. @throws PROPERTY_INVALID */
export function propertiesOf(pairs: Iterable<readonly [name: string, value: string]>): Properties {
  const found = new Map<string, string[]>();
  let values = 0;
  for (const [name, value] of pairs) {
    requirePropertyName(name);
    requireValue(name, value);
    const present = found.get(name) ?? [];
    if (!present.includes(value)) present.push(value);
    found.set(name, present);
    values += 1;
    if (found.size > maxNames || values > maxValues) {
      throw invalid(name, `a request carries ${String(maxNames)} names and ${String(maxValues)} values at most`);
    }
  }
  return found;
}

/** @param field what of the property is wrong; left out where it is all of them together */
export function invalid(name: string, message: string, field?: 'name' | 'value'): BulkheadError {
  const shown = name.slice(0, 80).toWellFormed();
  return new BulkheadError('PROPERTY_INVALID', `Property '${shown}': ${message}`, { details: { name: shown, message, ...(field === undefined ? {} : { field }) } });
}
