import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { tryNow } from './system.ts';

/** Where systemd keeps what it runs: one hierarchy on most machines, two on those that still have the old ones. */
const roots = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'].filter((root) => existsSync(join(root, 'cgroup.procs')));

/**
 * A program in a control group of its own. Without it the hosts would share the one of this process: each systemd would tidy up, stop
 * and kill in a tree that it takes for its own, and hit services of the others.
 */
export function inOwnGroup(name: string, command: string, args: readonly string[]): readonly [string, readonly string[]] {
  const script = 'for group in $1; do mkdir -p "$group" && echo $$ > "$group/cgroup.procs" || exit 1; done; shift; exec "$@"';
  return ['sh', ['-c', script, 'sh', roots.map((root) => join(root, name)).join(' '), command, ...args]];
}

/** Removes the groups whose names begin so. What ran in them has been killed, and may take a moment to be gone. */
export function removeGroups(prefix: string): void {
  const script = 'for attempt in $(seq 100); do find "$1" -depth -type d -exec rmdir {} ";" 2> /dev/null; [ -e "$1" ] || exit 0; sleep 0.05; done';
  for (const root of roots) {
    for (const name of readdirSync(root).filter((each) => each.startsWith(prefix))) tryNow('sh', '-c', script, 'sh', join(root, name));
  }
}
