import { paths } from '../paths.ts';
import { asRoot, script, type RemoteCommand } from '../remote-command.ts';

export interface LockOwner {
  readonly runId: string;
  /** user and machine, for whoever finds the lock */
  readonly who: string;
  /** milliseconds since 1970 */
  readonly since: number;
}

/** Status of `takeLock` when another run holds it; who that is stands on stdout. */
export const lockedByOther = 75;

/**
 * Making a folder is atomic: of two runs one gets it. A run that finds its own lock goes on with it; one that was left
 * behind for longer than `staleMinutes` is taken over.
 */
export function takeLock({ runId, who, since }: LockOwner, staleMinutes: number, lock: string = paths.lock): RemoteCommand {
  return asRoot(...script(
    'if [ -n "$(find "$1" -maxdepth 0 -mmin "+$4" 2>/dev/null)" ]; then rm -rf "$1"; fi; '
    + 'if mkdir -m 755 "$1" 2>/dev/null; then printf "%s\\n%s\\n" "$2" "$3" > "$1/owner"; exit 0; fi; '
    + '[ "$(head -n 1 "$1/owner" 2>/dev/null)" = "$2" ] && exit 0; tail -n +2 "$1/owner" 2>/dev/null; exit 75',
    lock, runId, `${who}, since ${new Date(since).toISOString()}`, String(staleMinutes),
  ));
}

/** Releases the lock of this run and no other. */
export function releaseLock(runId: string, lock: string = paths.lock): RemoteCommand {
  return asRoot(...script('if [ "$(head -n 1 "$1/owner" 2>/dev/null)" = "$2" ]; then rm -rf "$1"; fi', lock, runId));
}
