/**
 * Waits until an expression in the page is true. Asked again and again from outside: the page's policy forbids
 * whatever would be evaluated inside, and a page that is loading has nothing to ask yet.
 */
export async function waitForPage(evaluate: (expression: string) => Promise<unknown>, expression: string, patienceMs = 60_000): Promise<void> {
  const deadline = performance.now() + patienceMs;
  let last: unknown = 'never evaluated';
  while (performance.now() < deadline) {
    try {
      last = await evaluate(`Boolean(${expression})`);
      if (last === true) return;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not true in ${patienceMs} ms: ${expression}`, { cause: last });
}
