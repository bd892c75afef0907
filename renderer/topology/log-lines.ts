import type { LogLine } from '../../electron/contract/index.ts';

const kept = 5_000;

/** Lines with more of them at the end; the oldest go when it becomes too many to hold. */
export function appendLines(lines: readonly LogLine[], fresh: readonly LogLine[]): readonly LogLine[] {
  if (fresh.length === 0) return lines;
  const all = [...lines, ...fresh];
  return all.length > kept ? all.slice(all.length - kept) : all;
}

/** Lines whose level, topic or text holds every typed word. */
export function filterLines(lines: readonly LogLine[], typed: string): readonly LogLine[] {
  const words = typed.toLowerCase().split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return lines;
  return lines.filter(({ level, topic, text }) => {
    const line = `${level} ${topic} ${text}`.toLowerCase();
    return words.every((word) => line.includes(word));
  });
}

/** A line's text without its topic, which is shown in front of it anyway. */
export function textOf(line: Pick<LogLine, 'topic' | 'text'> | undefined): string {
  if (line === undefined) return '';
  return line.text.startsWith(`${line.topic} `) ? line.text.slice(line.topic.length + 1) : line.text;
}
