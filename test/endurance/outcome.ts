/** What one run has found. */
export interface Outcome {
  /** what was measured, in the order in which it is told */
  readonly facts: Readonly<Record<string, string | number>>;
  /** what must not be; empty when all held */
  readonly failures: readonly string[];
}

/** One kind of run that `npm run endurance` offers. */
export interface Scenario {
  readonly name: string;
  /** one line */
  readonly summary: string;
  /** numbers it takes, with their defaults: `--operations 100000` */
  readonly options: Readonly<Record<string, { readonly default: number; readonly help: string }>>;
  /** @param numbers a value for each of `options`; @param say progress, line by line */
  run(numbers: Readonly<Record<string, number>>, seed: number, say: (line: string) => void): Promise<Outcome>;
}

/** The outcome as text: facts, failures, and a closing line that begins with PASSED or FAILED. */
export function report(title: string, { facts, failures }: Outcome, seed: number): string {
  const width = Math.max(...Object.keys(facts).map((name) => name.length));
  return [
    ...Object.entries(facts).map(([name, value]) => `  ${name.padEnd(width)}  ${String(value)}`),
    ...failures.slice(0, 40).map((failure) => `  ! ${failure}`),
    ...(failures.length > 40 ? [`  ! and ${String(failures.length - 40)} more`] : []),
    failures.length === 0 ? `PASSED ${title} (seed ${String(seed)})` : `FAILED ${title}: ${String(failures.length)} findings; again with --seed ${String(seed)}`,
  ].join('\n');
}

/** The values in ascending order at these shares of the way, whole milliseconds: `50/95/100 %`. */
export function spread(milliseconds: readonly number[]): string {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  const at = (share: number): string => String(Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0));
  return sorted.length === 0 ? '-' : `${at(0.5)} ms median, ${at(0.95)} ms at 95 %, ${at(1)} ms longest`;
}
