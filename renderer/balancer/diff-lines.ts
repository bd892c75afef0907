export interface DiffLine { readonly kind: 'same' | 'added' | 'removed' | 'hunk'; readonly text: string; readonly before: number | null; readonly after: number | null }

/** Lines of a unified diff with their numbers on both sides. File headers are left out: the path stands above. */
export function diffLines(unified: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let before = 0;
  let after = 0;
  for (const line of unified.split('\n')) {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line);
    if (hunk !== null) {
      before = Number(hunk[1]);
      after = Number(hunk[2]);
      lines.push({ kind: 'hunk', text: line, before: null, after: null });
    } else if (lines.length === 0 || line.startsWith('\\')) {
      continue;
    } else if (line.startsWith('+')) {
      lines.push({ kind: 'added', text: line.slice(1), before: null, after: after++ });
    } else if (line.startsWith('-')) {
      lines.push({ kind: 'removed', text: line.slice(1), before: before++, after: null });
    } else if (line.startsWith(' ')) {
      lines.push({ kind: 'same', text: line.slice(1), before: before++, after: after++ });
    }
  }
  return lines;
}

/** "3 lines added, 1 removed". */
export function diffSummary(unified: string): string {
  const lines = diffLines(unified);
  const added = lines.filter(({ kind }) => kind === 'added').length;
  const removed = lines.filter(({ kind }) => kind === 'removed').length;
  return [added > 0 ? `${added} ${added === 1 ? 'line' : 'lines'} added` : null, removed > 0 ? `${removed} removed` : null].filter((part) => part !== null).join(', ') || 'no change';
}
