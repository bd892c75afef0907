import type { Check, CheckContext, Finding } from './check.ts';

export interface CheckResult extends Finding {
  readonly id: string;
  readonly category: Check['category'];
}

/** Runs all checks one after the other. One that throws is told as failed and breaks nothing. */
export async function runChecks(checks: readonly Check[], context: CheckContext, signal: AbortSignal): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    signal.throwIfAborted();
    const { id, category } = check;
    try {
      if (check.applicable(context)) results.push({ id, category, ...await check.check(context) });
    } catch (error) {
      signal.throwIfAborted();
      results.push({ id, category, status: 'failed', stops: false, found: `The check could not be made: ${error instanceof Error ? error.message : String(error)}`, fixes: [] });
    }
  }
  return results;
}
