/** One line of ssh_config: `keyword args`, `keyword=args`, `keyword "an arg"` (ssh_config(5)). */
export interface ConfigLine {
  /** in lower case */
  readonly keyword: string;
  readonly args: readonly string[];
  /** what stands behind the keyword, as written */
  readonly rest: string;
}

/** Null for an empty line or a comment; a text when the line is broken. */
export function splitLine(line: string): ConfigLine | string | null {
  const trimmed = line.trim();
  if (trimmed === '' || trimmed.startsWith('#')) return null;
  const found = /^([^\s"=]+)(?:\s*=\s*|\s+|$)(.*)$/s.exec(trimmed);
  if (found === null) return 'it has no keyword';
  const [, keyword = '', rest = ''] = found;
  const args = splitArguments(rest);
  return typeof args === 'string' ? args : { keyword: keyword.toLowerCase(), args, rest };
}

/** Words as OpenSSH splits them: both kinds of quotes, a backslash before a quote, a backslash or (outside of quotes) a space; `#` begins a comment. */
function splitArguments(text: string): string[] | string {
  const args: string[] = [];
  let at = 0;
  for (;;) {
    while (text[at] === ' ' || text[at] === '\t') at += 1;
    if (at >= text.length || text[at] === '#') return args;
    let word = '';
    let quote = '';
    for (; at < text.length; at += 1) {
      const character = text[at] ?? '';
      const next = text[at + 1] ?? '';
      if (character === '\\' && (['"', "'", '\\'].includes(next) || (quote === '' && next === ' '))) {
        word += next;
        at += 1;
      } else if (quote === '' && (character === ' ' || character === '\t')) break;
      else if (quote === '' && (character === '"' || character === "'")) quote = character;
      else if (quote !== '' && character === quote) quote = '';
      else word += character;
    }
    if (quote !== '') return 'a quotation mark is not closed';
    args.push(word);
  }
}
