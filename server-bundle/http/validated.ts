import { z } from 'zod';
import { BulkheadError, type ErrorCode } from '../contract/index.ts';

/** What is wrong with one field of a body or query. */
export interface FieldProblem {
  /** for example `email`, `expires_in`; empty for the whole */
  readonly field: string;
  readonly message: string;
}

/** What is wrong when no field of it is named. */
const whole: Readonly<Partial<Record<ErrorCode, string>>> = { PARAMETER_INVALID: 'The parameters' };

/**
 * Input at the door: parsed, or refused with every field that is wrong.
 * @param code BODY_INVALID for bodies, PARAMETER_INVALID for parameters
 */
export function validated<S extends z.ZodType>(schema: S, input: unknown, code: ErrorCode = 'BODY_INVALID'): z.output<S> {
  const parsed = schema.safeParse(input ?? {}, { error: (issue) => ((issue.code === 'invalid_type' || issue.code === 'invalid_union') && issue.input === undefined ? 'is missing' : undefined) });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue): FieldProblem => ({ field: issue.path.map(String).join('.'), message: issue.message }));
  const first = problems[0];
  throw new BulkheadError(code, first === undefined ? undefined : `${first.field === '' ? whole[code] ?? 'The body' : first.field}: ${first.message}`, { details: problems });
}

/** A name that stands in the address. @throws PARAMETER_INVALID */
export function validatedName(schema: z.ZodType<string>, name: string): string {
  return validated(z.object({ name: schema }), { name }, 'PARAMETER_INVALID').name;
}
