import { BulkheadError } from '../../../../server-bundle/contract/index.ts';
import type { ShellCommand } from '../session.ts';
import { forAnyShell, quoteCommand } from './quote.ts';

/** How a command gets its rights. `ask`: sudo may want a password, and asks for it with the token. */
export type Elevation = { readonly kind: 'none' } | { readonly kind: 'sudo' } | { readonly kind: 'ask'; readonly token: string };

/** The kernel takes no longer argument than 128 KiB; some shells take less for a line. */
const maxLength = 100_000;

/**
 * The line that a login shell is given for a command. It prints the marker and its process id on stdout and on stderr before the command starts: what a
 * login shell says of its own comes before it, and nothing can come after the command, because the shell is replaced.
 *
 * @param marker plain characters that no other output holds
 */
export function commandLine(command: ShellCommand, marker: string, elevation: Elevation): string {
  const line = `exec ${forAnyShell(withMarker(command, marker), elevated(elevation))}`;
  if (line.length > maxLength) throw new BulkheadError('COMMAND_TOO_LONG', undefined, { details: { bytes: line.length, limit: maxLength } });
  return line;
}

function withMarker(command: ShellCommand, marker: string): string {
  // the programs of an administrator are not in every user's search path; and what a node's own user has to read must not depend on a login's umask
  const before = `umask 022; PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"; LC_ALL=C; export PATH LC_ALL; printf '%s%s;' ${marker} $$; printf '%s%s;' ${marker} $$ >&2; `;
  if ('argv' in command) return `${before}${quoteCommand(command.argv)}`;
  return `${before}set -- ${quoteCommand(command.args ?? [])}\n${command.script}`;
}

function elevated(elevation: Elevation): string[] {
  switch (elevation.kind) {
    case 'none': return [];
    case 'sudo': return ['sudo', '-n', '--'];
    // -k: a remembered password would make it depend on luck whether sudo reads from stdin
    case 'ask': return ['sudo', '-S', '-k', '-p', elevation.token, '--'];
  }
}
