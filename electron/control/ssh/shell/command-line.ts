import { BulkheadError } from '../../../../server-bundle/contract/index.ts';
import type { ShellCommand } from '../session.ts';
import { forAnyShell, quoteCommand } from './quote.ts';

/** How a command gets its rights. `isFresh`: what sudo remembers of an earlier password does not count. */
export type Elevation = { readonly kind: 'none' } | { readonly kind: 'sudo'; readonly isFresh?: boolean } | Asking;

/** sudo wants a password. All are plain characters that no other output holds. */
export interface Asking {
  readonly kind: 'ask';
  /** printed with a process id on stderr when the login shell is through: what comes from there on is sudo's */
  readonly opening: string;
  /** what sudo asks with */
  readonly prompt: string;
  /** the line of stdin after which the command's own input begins */
  readonly inputAfter: string;
}

/** The kernel takes no longer argument than 128 KiB; some shells take less for a line. */
const maxLength = 100_000;

/**
 * The line that a login shell is given for a command. It prints the marker and its process id on stdout and on stderr before the command starts: what a
 * login shell says of its own comes before it, and nothing can come after the command, because the shell is replaced.
 *
 * @param marker plain characters that no other output holds
 */
export function commandLine(command: ShellCommand, marker: string, elevation: Elevation): string {
  const line = `exec ${elevatedLine(command, marker, elevation)}`;
  if (line.length > maxLength) throw new BulkheadError('COMMAND_TOO_LONG', undefined, { details: { bytes: line.length, limit: maxLength } });
  return line;
}

function elevatedLine(command: ShellCommand, marker: string, elevation: Elevation): string {
  switch (elevation.kind) {
    case 'none': return forAnyShell(withMarker(command, marker));
    case 'sudo': return forAnyShell(withMarker(command, marker), ['sudo', '-n', ...(elevation.isFresh === true ? ['-k'] : []), '--']);
    case 'ask': return forAnyShell(asking(withMarker(command, marker, elevation.inputAfter), elevation));
  }
}

/** -k: what sudo remembers of an earlier password would leave it to luck whether sudo reads the password, or the command does. */
function asking(script: string, { opening, prompt }: Asking): string {
  return `printf '%s%s;' ${opening} $$ >&2; exec ${quoteCommand(['sudo', '-S', '-k', '-p', prompt, '--', '/bin/sh', '-c', script])}`;
}

function withMarker(command: ShellCommand, marker: string, inputAfter?: string): string {
  // the programs of an administrator are not in every user's search path; what a node's own user has to read must not depend on a login's umask, nor what it may do
  // on the home of that login, which may be closed to it
  const marked = `cd /; umask 022; PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"; LC_ALL=C; export PATH LC_ALL; printf '%s%s;' ${marker} $$; printf '%s%s;' ${marker} $$ >&2; `;
  // whatever was written for sudo and not read by it ends here; the shell's read takes no byte more than its line (POSIX)
  const before = inputAfter === undefined ? marked : `${marked}while IFS= read -r line; do [ "$line" != ${inputAfter} ] || break; done; unset line; `;
  if ('argv' in command) return `${before}${quoteCommand(command.argv)}`;
  return `${before}set -- ${quoteCommand(command.args ?? [])}\n${command.script}`;
}
