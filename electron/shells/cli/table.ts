/** Cell of a table; numbers are set to the right, null is shown as a dash. */
export type Cell = string | number | null;

/**
 * An aligned table without lines, for people and for `awk` alike. Columns in which every cell is a number are set
 * to the right. Control characters, which could steer the terminal, are shown as a dot.
 */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) => row.map(cellText));
  const widths = headings.map((heading, at) => Math.max(heading.length, ...texts.map((row) => row[at]?.length ?? 0)));
  const right = headings.map((_, at) => rows.length > 0 && rows.every((row) => typeof row[at] === 'number' || row[at] === null));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, at) => (right[at] ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0))).join('  ').trimEnd();
  return [line(headings.map((heading) => heading.toUpperCase())), ...texts.map(line)].join('\n');
}

function cellText(cell: Cell): string {
  return cell === null ? '–' : printable(String(cell));
}

/** Text that came from elsewhere, without control characters. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is replaced here
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '·');
}

/** Lines that may hold text from elsewhere, without control characters but those between them, and tabs. */
export function printableLines(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is replaced here
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '·');
}

/** The same value as JSON.stringify gives, also without the control characters that it leaves: those from 7f to 9f. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007f-\u009f]/g, (each) => `\\u00${each.charCodeAt(0).toString(16)}`);
}
