/** What every screen shows of an error: the code, what happened, what to do next. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly details?: unknown;
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Any thrown value as something to show. Errors of the control room keep their code, hint and details. */
export function asFailure(error: unknown): Failure {
  if (typeof error !== 'object' || error === null) {
    return { code: 'INTERNAL', message: String(error), hint: 'Try again; the log of the control room has the details.' };
  }
  const fields = error as { code?: unknown; message?: unknown; hint?: unknown; details?: unknown };
  return {
    code: text(fields.code) ?? 'INTERNAL',
    message: text(fields.message) ?? 'Something went wrong',
    hint: text(fields.hint) ?? 'Try again; the log of the control room has the details.',
    ...(fields.details === undefined || fields.details === null ? {} : { details: fields.details }),
  };
}

/** Last log lines in an error's details, whichever of the usual names they have; empty when there are none. */
export function logLinesOf(details: unknown): string[] {
  if (typeof details !== 'object' || details === null) return [];
  const fields = details as Record<string, unknown>;
  for (const name of ['lastLines', 'lines', 'log', 'tail']) {
    const value = fields[name];
    if (Array.isArray(value)) return value.map(String);
    if (typeof value === 'string' && value !== '') return value.trimEnd().split('\n');
  }
  return [];
}

/** The remaining details as label and value, for a plain list. */
export function factsOf(details: unknown): { label: string; value: string }[] {
  if (typeof details !== 'object' || details === null || Array.isArray(details)) return [];
  return Object.entries(details)
    .filter(([name, value]) => !['lastLines', 'lines', 'log', 'tail'].includes(name) && value !== null && value !== undefined)
    .map(([label, value]) => ({ label, value: factText(value) }));
}

function factText(value: unknown): string {
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object')) return value.map(String).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
