import type { ServerResponse } from 'node:http';

/** Aborts when an answer is through, or its client has gone: what is only done for this answer ends then. */
export function untilAnswered(response: ServerResponse): AbortSignal {
  const over = new AbortController();
  if (response.closed) over.abort();
  else response.once('close', () => { over.abort(); });
  return over.signal;
}
