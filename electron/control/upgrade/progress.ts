/** How a switch on a host has ended; null while it goes on. */
export type SwitchEnd = 'done' | 'unchanged' | 'put-back' | 'failed';

export interface SwitchProgress {
  /** the step under way, or the last one */
  readonly step: string | null;
  readonly end: SwitchEnd | null;
  /** what was printed, the newest last */
  readonly lines: readonly string[];
  /** the step that went wrong, and what the bundle said of it */
  readonly failedStep: string | null;
  readonly said: { readonly code: string; readonly message: string; readonly hint: string } | null;
}

/** Lines of a node that are kept in the record of a run. */
export const keptLines = 30;
const longestLine = 500;
const ends: ReadonlySet<string> = new Set<SwitchEnd>(['done', 'unchanged', 'put-back', 'failed']);

/** Reads what a switch has printed so far. Only whole lines count. */
export function parseProgress(text: string): SwitchProgress {
  let step: string | null = null;
  let end: SwitchEnd | null = null;
  let failedStep: string | null = null;
  let said: SwitchProgress['said'] = null;
  const lines: string[] = [];
  for (const line of text.split('\n').slice(0, -1)) {
    const mark = /^@ \d+ (\S+) (\S+)$/.exec(line);
    if (mark === null) {
      if (line.trim() !== '') lines.push(line.slice(0, longestLine));
      // what went wrong first is the cause; what follows is putting back
      if (failedStep === null) said = errorIn(line) ?? said;
      continue;
    }
    const [, name = '', what = ''] = mark;
    if (name === 'end') {
      end = isEnd(what) ? what : 'failed';
      if (end !== 'done') failedStep ??= step;
      continue;
    }
    if (name.startsWith('back-')) failedStep ??= step;
    step = name;
  }
  return { step, end, failedStep, said, lines: lines.slice(-keptLines) };
}

function isEnd(text: string): text is SwitchEnd {
  return ends.has(text);
}

function errorIn(line: string): SwitchProgress['said'] {
  if (!line.startsWith('{"error":')) return null;
  try {
    const { error } = JSON.parse(line) as { error: { code: string; message: string; hint: string } };
    return { code: error.code, message: error.message, hint: error.hint };
  } catch {
    return null;
  }
}
