import { writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

const standardOutput = 1;
/** Characters after which lines are written although the turn is not over. */
const batchLength = 16_384;
/** What a pipe takes as one piece (POSIX, PIPE_BUF on Linux): lines of several processes do not get mixed up. */
export const wholeWrites = 4096;
/** How long a full pipe is waited for before it is tried again, milliseconds. */
const pauseMs = 5;

/** Writes everything, however little the system takes at a time. A reader that is gone, or a full disk, must not end the node: then the lines are lost. */
function writeAll(text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(standardOutput, rest));
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'EAGAIN') return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    }
  }
}

/**
 * Standard output for log lines. Those of one turn of the event loop are written together, with one call into the system: nothing waits
 * for the next turn, and nothing is lost when the process exits.
 *
 * @param batch characters that are written together at most, unless a line is longer
 */
export function logOutput(batch = batchLength): DestinationStream & { flushSync(): void } {
  let lines = '';
  let due = false;
  const flushSync = (): void => {
    due = false;
    const text = lines;
    lines = '';
    writeAll(text);
  };
  process.on('exit', flushSync);
  return {
    write: (line) => {
      if (lines.length + line.length > batch) flushSync();
      lines += line;
      if (lines.length >= batch) flushSync();
      else if (!due) {
        due = true;
        setImmediate(flushSync);
      }
    },
    flushSync,
  };
}
