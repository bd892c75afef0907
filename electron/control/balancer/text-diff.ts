/** Lines around a change that are shown with it. */
const context = 3;

interface Line {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

/** A unified diff of two texts; empty when they are the same. Meant for files of hundreds of lines, not more. */
export function unifiedDiff(path: string, before: string, after: string): string {
  if (before === after) return '';
  const lines = compare(split(before), split(after));
  const out = [`--- ${path} (on the host)`, `+++ ${path} (new)`];
  let oldLine = 1;
  let newLine = 1;
  const numbered = lines.map((line) => {
    const at = { ...line, oldLine, newLine };
    if (line.mark !== '+') oldLine += 1;
    if (line.mark !== '-') newLine += 1;
    return at;
  });
  const shown = numbered.map((_, at) => numbered.slice(Math.max(0, at - context), at + context + 1).some(({ mark }) => mark !== ' '));
  for (let at = 0; at < numbered.length; at += 1) {
    if (shown[at] !== true) continue;
    let end = at;
    while (end < numbered.length && shown[end] === true) end += 1;
    const hunk = numbered.slice(at, end);
    const count = (marks: string): number => hunk.filter(({ mark }) => marks.includes(mark)).length;
    out.push(`@@ -${String(hunk[0]?.oldLine)},${count(' -')} +${String(hunk[0]?.newLine)},${count(' +')} @@`);
    out.push(...hunk.map(({ mark, text }) => `${mark}${text}`));
    at = end;
  }
  return `${out.join('\n')}\n`;
}

function split(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** The longest common subsequence decides which lines stay. */
function compare(before: readonly string[], after: readonly string[]): Line[] {
  const longest = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  const at = (row: number, column: number): number => longest[row]?.[column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1) {
    const here = longest[row];
    if (here === undefined) continue;
    for (let column = after.length - 1; column >= 0; column -= 1) {
      here[column] = before[row] === after[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: Line[] = [];
  let row = 0;
  let column = 0;
  while (row < before.length || column < after.length) {
    if (row < before.length && column < after.length && before[row] === after[column]) {
      lines.push({ mark: ' ', text: before[row] ?? '' });
      row += 1;
      column += 1;
    } else if (row < before.length && (column >= after.length || at(row + 1, column) >= at(row, column + 1))) {
      lines.push({ mark: '-', text: before[row] ?? '' });
      row += 1;
    } else {
      lines.push({ mark: '+', text: after[column] ?? '' });
      column += 1;
    }
  }
  return lines;
}
