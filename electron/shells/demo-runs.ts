/**
 * Whether the demo cluster runs, and so goes on when the shell ends. A control room that cannot say counts as "not running":
 * ending a shell must never depend on it.
 *
 * @param describe asks the control room for the demo; rejects when there is none
 */
export async function demoRuns(describe: (signal: AbortSignal) => Promise<unknown>): Promise<boolean> {
  return describe(AbortSignal.timeout(2000)).then(() => true, () => false);
}
