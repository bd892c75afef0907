import type { z } from 'zod';
import type { logBatch } from '../../contract/index.ts';
import { followFile } from './follow-file.ts';
import { parseLogLine } from './parse-line.ts';
import { isRoutine } from './routine.ts';

export { followHostJournal } from './follow-journal.ts';
export { journalLines, type JournalQuestion } from './journal-command.ts';

/** A node's log from its file: up to 200 earlier lines first, then each batch as it is written. */
export async function* followLog(file: string, signal: AbortSignal): AsyncGenerator<z.output<typeof logBatch>> {
  for await (const { reset, lines } of followFile(file, signal)) {
    const now = Date.now();
    const shown = lines.filter((line) => !isRoutine(line));
    if (reset || shown.length > 0) yield { reset, lines: shown.map((line) => parseLogLine(line, now)) };
  }
}
