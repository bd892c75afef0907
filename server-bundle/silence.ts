/**
 * Calls `silent` when nobody has called the returned function for `ms` milliseconds. A process that was kept from running (frozen, or short of a
 * processor) is late itself: what has arrived meanwhile is read before anything is called silent, so an answer that came in time still counts.
 *
 * @returns ends the wait; harmless when it is over
 */
export function afterSilence(ms: number, silent: () => void): () => void {
  let afterReading: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    // the first turn reads what has arrived; what that has woken (a parsed answer, a settled promise) is done before the second one
    afterReading = setImmediate(() => { afterReading = setImmediate(silent); });
  }, ms).unref();
  return () => {
    clearTimeout(timer);
    clearImmediate(afterReading);
  };
}
