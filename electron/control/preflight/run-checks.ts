import type { Check, CheckContext, Finding } from './check.ts';

export interface CheckResult extends Finding {
  readonly id: string;
  readonly category: Check['category'];
}

/** Commands on a host at the same time: an SSH server allows ten, and others may be using some. */
const atOnce = 4;

/**
 * Runs all checks; results come in the order of the checks. One that throws is told as failed and breaks nothing.
 * Those of the network run alone, because one of them listens for a moment where another looks who does.
 */
export async function runChecks(checks: readonly Check[], context: CheckContext, signal: AbortSignal): Promise<CheckResult[]> {
  const results = new Map<Check, CheckResult>();
  const [alone, together] = [checks.filter(({ category }) => category === 'network'), checks.filter(({ category }) => category !== 'network')];
  const waiting = [...together];
  const work = async (queue: Check[]): Promise<void> => {
    for (let check = queue.shift(); check !== undefined; check = queue.shift()) {
      const result = await runCheck(check, context, signal);
      if (result !== null) results.set(check, result);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, () => work(waiting)));
  await work([...alone]);
  return checks.flatMap((check) => results.get(check) ?? []);
}

async function runCheck(check: Check, context: CheckContext, signal: AbortSignal): Promise<CheckResult | null> {
  signal.throwIfAborted();
  const { id, category } = check;
  try {
    const finding = check.applicable(context) ? await check.check(context) : null;
    return finding === null ? null : { id, category, ...finding };
  } catch (error) {
    signal.throwIfAborted();
    return { id, category, status: 'failed', stops: false, found: `The check could not be made: ${error instanceof Error ? error.message : String(error)}`, fixes: [] };
  }
}
