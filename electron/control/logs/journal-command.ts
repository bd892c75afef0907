import { journalctl } from '../provision/index.ts';
import type { ShellCommand } from '../ssh/index.ts';

/** Lines of the past that a live journal begins with. */
const earlierLines = 200;

/** The journal of a unit as JSON, one entry a line, and what comes. @param after cursor of the last entry that is known; null: the latest ones first */
export function followJournal(unit: string, after: string | null): ShellCommand {
  const from = after === null ? ['--lines', String(earlierLines)] : ['--after-cursor', after, '--no-tail'];
  return { script: `exec ${journalctl} "$@"`, args: ['--unit', unit, '--follow', '--no-pager', '--quiet', '--output', 'json', ...from] };
}

export interface JournalQuestion {
  readonly lines: number;
  /** words that a line has to hold, in any case */
  readonly search: string | undefined;
  /** milliseconds since 1970 */
  readonly since: number | undefined;
}

/** The newest lines. Searched with `grep`, because not every journalctl was built with a search of its own. */
export function journalLines(unit: string, { lines, search, since }: JournalQuestion): ShellCommand {
  const from = since === undefined ? '' : `@${Math.floor(since / 1000)}`;
  if (search === undefined) {
    return { script: `exec ${journalctl} "$@"`, args: ['--unit', unit, '--no-pager', '--quiet', '--output', 'cat', '--lines', String(lines), ...(from === '' ? [] : ['--since', from])] };
  }
  return {
    script: 'unit=$1; lines=$2; words=$3; from=$4; set -- --unit "$unit" --no-pager --quiet --output cat; [ -z "$from" ] || set -- "$@" --since "$from"; '
      + `${journalctl} "$@" | grep -iF -e "$words" | tail -n "$lines"`,
    args: [unit, String(lines), search, from],
  };
}
