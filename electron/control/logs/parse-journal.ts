import type { LogLine } from '../../contract/index.ts';
import { parseLogLine } from './parse-line.ts';

/** One entry of the journal (systemd.journal-fields(7)); null for a line that is none. */
export interface JournalEntry {
  readonly cursor: string;
  /** as the program wrote it */
  readonly message: string;
  readonly line: LogLine;
}

/** syslog's numbers: the lower, the worse */
function levelOf(priority: unknown): LogLine['level'] {
  const number = Number(priority ?? 6);
  if (number <= 3) return 'error';
  if (number <= 4) return 'warn';
  return number >= 7 ? 'debug' : 'info';
}

/** @param now for entries without a time, milliseconds since 1970 */
export function parseJournalEntry(text: string, now: number): JournalEntry | null {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return null;
  }
  const { __CURSOR: cursor, __REALTIME_TIMESTAMP: micros, MESSAGE: content, PRIORITY: priority, SYSLOG_IDENTIFIER: identifier } = fields;
  const message = messageOf(content);
  if (typeof cursor !== 'string' || message === null) return null;
  const at = Math.round(Number(micros) / 1000) || now;
  // what the service manager says of the unit stands in the same journal
  if (identifier === 'systemd') return { cursor, message, line: { at, level: levelOf(priority), topic: 'systemd', text: message } };
  return { cursor, message, line: parseLogLine(message, at) };
}

/** Text that is no UTF-8 comes as a list of bytes; one that is too long comes as null. */
function messageOf(content: unknown): string | null {
  if (typeof content === 'string') return content;
  if (Array.isArray(content) && content.every((byte) => typeof byte === 'number')) return Buffer.from(content).toString();
  return content === null ? '(a line that is too long to be shown)' : null;
}
