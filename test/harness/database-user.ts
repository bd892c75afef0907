import { chown } from 'node:fs/promises';

/** uid and gid of "nobody" on Debian: PostgreSQL refuses to run as root, and no account is made for a test. */
const unprivileged = 65_534;

const isRoot = (): boolean => process.getuid?.() === 0;

/**
 * The command line that runs `command` as somebody PostgreSQL accepts, and that ends it with this process.
 * The capability lets that user reach binaries below folders closed to it (a checkout in a home folder).
 */
export function asDatabaseUser(command: string, args: readonly string[]): [string, string[]] {
  if (process.platform !== 'linux') return [command, [...args]];
  const user = isRoot()
    ? [
        `--reuid=${String(unprivileged)}`, `--regid=${String(unprivileged)}`, '--clear-groups',
        '--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search',
      ]
    : [];
  return ['setpriv', ['--pdeathsig=QUIT', ...user, command, ...args]];
}

/** Gives a file or folder to that user. */
export async function giveToDatabaseUser(path: string): Promise<void> {
  if (isRoot()) await chown(path, unprivileged, unprivileged);
}
