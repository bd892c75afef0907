import { BulkheadError } from '../../../../server-bundle/contract/index.ts';

/** One word of a POSIX shell's command line, whatever it holds. */
export function quoteWord(word: string): string {
  refuseNul(word);
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** A POSIX shell's command line for a program with its arguments. */
export function quoteCommand(argv: readonly string[]): string {
  return argv.map(quoteWord).join(' ');
}

/**
 * A line that runs a POSIX script whatever shell reads the line: sh, bash, zsh, csh, fish. The login shell only has to know
 * single quotes. All that shells treat differently inside them (quotes, "!", backslashes, line breaks, bytes outside
 * ASCII) travels as octal numbers, which sh's own printf turns back; a backslash before a digit means nothing to any of them.
 *
 * @param words what goes before and after the shell, for example `['sudo', '--']`; they have to be plain words
 */
export function forAnyShell(script: string, words: readonly string[] = []): string {
  refuseNul(script);
  for (const word of words) {
    if (!/^[\w@%+=:,./-]+$/.test(word)) throw new BulkheadError('INTERNAL', `not a plain word: ${word}`);
  }
  return [...words, '/bin/sh', '-c', `'eval "$(printf %b "${octal(script)}")"'`].join(' ');
}

/** for printf's %b, inside double quotes inside single quotes */
function octal(script: string): string {
  let encoded = '';
  for (const byte of Buffer.from(script)) {
    const character = String.fromCharCode(byte);
    encoded += /[\w @%+=:,./()<>&|;{}[\]?*#~^-]/.test(character) ? character : `\\0${byte.toString(8).padStart(3, '0')}`;
  }
  return encoded;
}

function refuseNul(text: string): void {
  if (text.includes('\0')) throw new BulkheadError('ARGUMENT_INVALID', 'A command cannot hold a NUL character');
}
