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

/** Status where something cannot be done without flock, which the host does not have; stderr says so. */
const needsFlock = 'command -v flock > /dev/null || { echo "there is no flock on this host: install util-linux" >&2; exit 69; }';

/**
 * Shell: `hold FILE SECONDS` takes the flock of a file, until the process and all that it has started has ended; 75: somebody else has it still.
 * Whoever holds it may remove the file: one that was removed meanwhile is not the one to hold.
 */
export const holdFile = `${needsFlock}
hold() {
  umask 077
  while exec 9>> "$1" || exit 70; do
    flock -w "$2" 9 || exit ${lockedByOther}
    [ ! "$1" -ef /proc/self/fd/9 ] || return 0
  done
}`;

/** Succeeds once nobody holds the flock of this file; `lockedByOther` when somebody does for longer than `seconds`. */
export function untilIdle(file: string, seconds: number): RemoteCommand {
  return { ...asRoot(...script(`${holdFile}\n[ ! -e "$1" ] || { hold "$1" "$2"; rm -f "$1"; }`, file, String(seconds))), timeoutMs: (seconds + 30) * 1000 };
}

/** Taking it waits for who takes it over at the same time, twice at most; milliseconds. */
const takeMs = 30_000;

/** Who holds the lock in folder `$1`. */
const owner = 'owner() { head -n 1 "$1/owner" 2> /dev/null; }';

/** A lock without a name is one whose run died before it wrote it, or while it took the lock away, minutes. */
const namelessMinutes = 1;

/**
 * Making a folder is atomic, and so is writing the name into it: of two runs one gets it. A run that finds its own lock goes on with it, for as long
 * again; one that was left behind for longer than `staleMinutes` is taken over, and so is one of a run that is known to be over: of several who find
 * it, by one. Whoever takes it over, or releases it, does so under flock, and looks at the owner once more there: the run that was thought to be over
 * may have woken up, or another one has been here. The system ends a flock with its process, so that one that dies half-way is in nobody's way.
 * Only where a host has no flock an old lock is taken away without.
 * @param over runs that nobody carries out any more
 */
export function takeLock({ runId, who, since }: LockOwner, staleMinutes: number, lock: string = paths.lock, over: readonly string[] = []): RemoteCommand {
  const take = asRoot(...script(
    `${owner}
older() { [ -n "$(find "$1" -maxdepth 0 -mmin "+$2" 2> /dev/null)" ]; }
free() { case " $2 $5 " in *" \${former:-nobody} "*) ;; *) [ -z "$former" ] || older "$1/owner" "$4" ;; esac; }
say() { printf '%s\\n%s\\n' "$2" "$3"; }
name() { umask 022; (set -C; say "$@" > "$1/owner"); }
take_over() { umask 022; flock -w 10 9 && [ "$(owner "$1")" = "$former" ] && free "$@" && say "$@" > "$1/owner.new" && mv -f "$1/owner.new" "$1/owner"; }
for attempt in 1 2; do
  if { mkdir -m 755 "$1" && name "$@"; } 2> /dev/null; then exit 0; fi
  former=$(owner "$1")
  [ -d "$1" ] || continue
  { [ -n "$former" ] || older "$1" ${String(namelessMinutes)}; } && free "$@" || break
  if command -v flock > /dev/null; then umask 077; { take_over "$@" 9> "$1/flock"; } 2> /dev/null && exit 0
  elif [ "$former" = "$2" ]; then exit 0
  elif [ -z "$former" ] || older "$1/owner" "$4"; then rm -rf "$1"
  else ${needsFlock}; fi
done
said=$(tail -n +2 "$1/owner" 2> /dev/null)
echo "\${said:-it was taken a moment ago, and does not say by whom}"
exit ${lockedByOther}`,
    lock, runId, `${who}, since ${new Date(since).toISOString()}`, String(staleMinutes), over.join(' '),
  ));
  return { ...take, runsToEnd: true, timeoutMs: takeMs };
}

/** Releases the lock of this run and no other. */
export function releaseLock(runId: string, lock: string = paths.lock): RemoteCommand {
  return asRoot(...script(
    `${owner}
release() { ! command -v flock > /dev/null || flock -w 10 9; [ "$(owner "$1")" != "$2" ] || rm -rf "$1"; }
[ "$(owner "$1")" = "$2" ] || exit 0
umask 077
release "$@" 9> "$1/flock"`,
    lock, runId,
  ));
}
