import type { ShellCommand } from '../ssh/index.ts';

/** What of Bulkhead a host is asked about; paths that are not there are left out of the answers. */
export interface FactsTarget {
  readonly unit: string;
  /** folder of the releases and of the link to the present one */
  readonly home: string;
  /** null while nobody knows */
  readonly filestore: string | null;
}

/**
 * A loop in the host's own shell: one line on its standard input, one answer on its output. It ends with its input, so that
 * nothing stays behind on the host when the connection breaks, and it starts two programs for an ordinary answer.
 *
 * Lines of an answer begin with a letter: `t` number, `d` clock, `h` name, `k` kernel, `n` cores, `u` uptime, `l` load, `c` processor
 * times, `M` and `m` memory (total, available, KiB), `s` one property of the unit, `p` the process's line, `F` its open files and `L` its limits,
 * `f` a file system (purpose, then df's line), `i` installed release, `r` a release, `e` number. With `full` the slow-moving ones come as well.
 *
 * The file system of the filestore is looked at beside the loop: a share that hangs must not hold up the rest.
 */
const loop = `
unit=$1; home=$2; store=$3; looking=
cores=0; while read -r name rest; do case $name in cpu[0-9]*) cores=$((cores+1));; esac; done < /proc/stat
space() { line=$(df -Pk "$2" 2>/dev/null | { read -r head; read -r data; echo "$data"; }); [ -z "$line" ] || printf 'f %s %s %s\\n' "$1" "$2" "$line"; }
while read -r number kind; do
  out="t $number
d $(date +%s.%N)"
  read -r value < /proc/sys/kernel/hostname; out="$out
h $value"
  read -r value < /proc/sys/kernel/osrelease; out="$out
k $value
n $cores"
  read -r value rest < /proc/uptime; out="$out
u $value"
  read -r value rest < /proc/loadavg; out="$out
l $value"
  read -r name value < /proc/stat; out="$out
c $value"
  while read -r name value rest; do
    case $name in MemTotal:) out="$out
M $value";; MemAvailable:) out="$out
m $value"; break;; esac
  done < /proc/meminfo
  pid=0
  for value in $(systemctl show "$unit" --no-pager --property=LoadState,ActiveState,SubState,Result,NRestarts,MainPID,UnitFileState,StateChangeTimestampMonotonic 2>/dev/null); do
    out="$out
s $value"; case $value in MainPID=*) pid=\${value#MainPID=};; esac
  done
  if [ "$pid" != 0 ] && read -r value 2>/dev/null < "/proc/$pid/stat"; then out="$out
p $value"
    if [ -r "/proc/$pid/fd/0" ] || [ -r "/proc/$pid/fd/1" ]; then set -- "/proc/$pid/fd/"*; out="$out
F $#"; fi
    while read -r value; do case $value in 'Max open files '*) out="$out
L $value";; esac; done 2>/dev/null < "/proc/$pid/limits"
  fi
  if [ "$kind" = full ]; then
    out="$out
$(space root /)"
    [ ! -d "$home" ] || out="$out
$(space opt "$home")"
    if [ -n "$store" ] && { [ -z "$looking" ] || ! kill -0 "$looking" 2>/dev/null; }; then
      (space filestore "$store") < /dev/null & looking=$!
    fi
    value=$(readlink "$home/current" 2>/dev/null) && out="$out
i $value"
    for value in "$home"/releases/*; do [ ! -d "$value" ] || out="$out
r \${value##*/}"; done
  fi
  printf '%s\\ne %s\\n' "$out" "$number"
done`;

export function factsLoop({ unit, home, filestore }: FactsTarget): ShellCommand {
  return { script: loop, args: [unit, home, filestore ?? ''] };
}
