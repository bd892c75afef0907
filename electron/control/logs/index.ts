import type { z } from 'zod';
import type { logBatch } from '../../contract/index.ts';
import { followFile } from './follow-file.ts';
import { parseLogLine } from './parse-line.ts';

/** A node's log from its file: up to 200 earlier lines first, then each batch as it is written. */
export async function* followLog(file: string, signal: AbortSignal): AsyncGenerator<z.output<typeof logBatch>> {
  for await (const { reset, lines } of followFile(file, signal)) {
    const now = Date.now();
    yield { reset, lines: lines.map((line) => parseLogLine(line, now)) };
  }
}
