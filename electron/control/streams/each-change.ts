/** Something that tells when it has changed. */
interface Changing {
  onChange(listener: () => void): () => void;
}

/** Yields at once, and then after each change of any source; changes that come while the reader is busy are one. */
export async function* eachChange(signal: AbortSignal, ...sources: readonly Changing[]): AsyncGenerator<void> {
  let isDue = true;
  let wake = (): void => undefined;
  const onChange = (): void => {
    isDue = true;
    wake();
  };
  const stops = sources.map((source) => source.onChange(onChange));
  signal.addEventListener('abort', onChange, { once: true });
  try {
    while (!signal.aborted) {
      if (isDue) {
        isDue = false;
        yield;
      } else {
        await new Promise<void>((resolve) => { wake = resolve; });
      }
    }
  } finally {
    for (const stop of stops) stop();
    signal.removeEventListener('abort', onChange);
  }
}
