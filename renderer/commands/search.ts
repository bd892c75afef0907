import type { Command } from './registry.ts';

/** How well `words` fit a command: 0 is not at all. Every word must be found; the beginning of a word counts most. */
function score(command: Pick<Command, 'title' | 'section' | 'explanation'>, words: readonly string[]): number {
  const title = command.title.toLowerCase();
  const rest = `${command.section} ${command.explanation}`.toLowerCase();
  let sum = 0;
  for (const word of words) {
    if (title.startsWith(word)) sum += 8;
    else if (title.includes(` ${word}`)) sum += 6;
    else if (title.includes(word)) sum += 3;
    else if (rest.includes(word)) sum += 1;
    else return 0;
  }
  return sum;
}

/** Commands that fit what was typed, best first; all of them, in their order, when nothing was. */
export function searchCommands<T extends Pick<Command, 'title' | 'section' | 'explanation'>>(commands: readonly T[], typed: string): T[] {
  const words = typed.toLowerCase().split(/\s+/).filter((word) => word !== '');
  if (words.length === 0) return [...commands];
  return commands
    .map((command) => ({ command, points: score(command, words) }))
    .filter(({ points }) => points > 0)
    .sort((a, b) => b.points - a.points)
    .map(({ command }) => command);
}
