/** A property as it stands in its form: one value a line. */
export interface PropertyDraft {
  name: string;
  values: string;
}

/** Each line a value; empty lines are none, and a value stands once. */
export function valuesOf(text: string): string[] {
  return [...new Set(text.split('\n').map((line) => line.trim()).filter((line) => line !== ''))];
}

/** What is wrong with it, by field, before anything is sent. @param taken names that the item has already; empty for a property that is being changed */
export function propertyProblems({ name, values }: PropertyDraft, taken: readonly string[]): Partial<Record<keyof PropertyDraft, string>> {
  const wanted = name.trim();
  const problem = wanted === '' ? 'A name is needed'
    : !/^\p{L}/u.test(wanted) ? 'A name begins with a letter'
      : /[)(}{\][*+^$\\/~`!@#%&<>;=,±§\s]/.test(wanted) ? 'No spaces, and none of ( ) { } [ ] * + ^ $ \\ / ~ ` ! @ # % & < > , ; = ± §'
        : taken.includes(wanted) ? 'It has this property already: change it' : null;
  return { ...(problem === null ? {} : { name: problem }), ...(valuesOf(values).length === 0 ? { values: 'A value is needed; each line is one' } : {}) };
}

/** What the cluster has against one of them, from the details of its answer; null when it is about something else. */
export function refusedProperty(code: string, details: unknown): { field: keyof PropertyDraft; message: string } | null {
  const { message, field } = (typeof details === 'object' && details !== null ? details : {}) as { message?: unknown; field?: unknown };
  if (code !== 'PROPERTY_INVALID' || typeof message !== 'string' || (field !== 'name' && field !== 'value')) return null;
  const shown = message.charAt(0).toUpperCase() + message.slice(1);
  return { field: field === 'value' ? 'values' : 'name', message: shown };
}
