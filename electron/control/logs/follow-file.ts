import { open, stat, type FileHandle } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';

/** New lines of a file; `reset` when they are of another file than those before. */
export interface LineBatch {
  readonly reset: boolean;
  readonly lines: readonly string[];
}

const lookMs = 250;
const earlierLines = 200;
/** Read back at most this far for the earlier lines, bytes. */
const earlierBytes = 256 * 1024;
const chunkBytes = 256 * 1024;
const longestLine = 64 * 1024;

/** Follows a file by name, as `tail -F` does: it may not be there yet, be replaced, or be emptied. */
export async function* followFile(file: string, signal: AbortSignal): AsyncGenerator<LineBatch> {
  let reset = true;
  while (!signal.aborted) {
    const handle = await open(file, 'r').catch(() => null);
    if (handle === null) {
      if (reset) yield { reset: true, lines: [] };
      reset = false;
      await pause(signal);
      continue;
    }
    try {
      yield* followOpen(handle, file, signal);
    } finally {
      await handle.close();
    }
    reset = true;
  }
}

/** Until the file is another one, or shorter than what was read. The first batch is the end of what is there. */
async function* followOpen(handle: FileHandle, file: string, signal: AbortSignal): AsyncGenerator<LineBatch> {
  const { ino, size } = await handle.stat();
  let position = Math.max(0, size - earlierBytes);
  let isFirst = true;
  let isCut = position > 0;
  const decoder = new StringDecoder();
  let rest = '';
  const buffer = Buffer.alloc(chunkBytes);
  const earlier: string[] = [];
  while (!signal.aborted) {
    const { bytesRead } = await handle.read(buffer, 0, chunkBytes, position);
    position += bytesRead;
    const lines = (rest + decoder.write(buffer.subarray(0, bytesRead))).split('\n');
    rest = (lines.pop() ?? '').slice(-longestLine);
    if (isCut && lines.length > 0) {
      lines.shift();
      isCut = false;
    }
    const whole = lines.filter((line) => line.trim() !== '');
    if (isFirst) {
      earlier.push(...whole);
      if (position < size && bytesRead > 0) continue;
      isFirst = false;
      yield { reset: true, lines: earlier.slice(-earlierLines) };
    } else if (whole.length > 0) {
      yield { reset: false, lines: whole };
    }
    if (bytesRead > 0) continue;
    const now = await stat(file).catch(() => null);
    if (now?.ino !== ino || now.size < position) return;
    await pause(signal);
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, lookMs);
    signal.addEventListener('abort', done, { once: true });
  });
}
