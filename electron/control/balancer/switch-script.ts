import { holdFile, paths } from '../provision/index.ts';
import type { ProductPlace } from './place.ts';

/** What one run works with; goes with a reboot. */
export function stageFolder(runId: string): string {
  return `/run/bulkhead-balancer/${runId}`;
}

/**
 * The script that puts one configuration in the place of another, run as root on the host: what must not stop half-way when the app
 * goes away is one command there. `check FILE` only asks the product, on a view of the system in which the new configuration is in
 * place already; `put FILE` checks, replaces, reloads, and puts the former one back when the product does not come up with it;
 * `back` undoes this run; an empty FILE name stands for no configuration at all. One works on a host at a time, and only for the run
 * that has the host's lock: one that was begun late, or had to wait, must not undo what another run has done meanwhile.
 */
export function switchScript(place: ProductPlace, runId: string, port: number): string {
  const { keep, marks, file, unit, program, check, handsOver } = place;
  return `#!/bin/sh
# Puts the configuration of a Bulkhead cluster into ${place.title}, or takes it out.
set -u
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin:/usr/local/sbin"
${holdFile}
hold ${paths.balancerBusy} 120
trap 'rm -f ${paths.balancerBusy}' EXIT
[ "$(head -n 1 ${paths.balancerLock}/owner 2> /dev/null)" = ${runId} ] || { echo 'another run has taken this host over: nothing was done' >&2; exit 68; }
umask 022
file=${file}
stage=${stageFolder(runId)}
keep=${keep}
run=${keep}/runs/${runId}
unit=${unit}
begin='${marks?.begin ?? ''}'
end='${marks?.end ?? ''}'

ours() {
  [ -e "$file" ] || return 0
  if [ -z "$begin" ]; then cat "$file"; else awk -v b="$begin" -v e="$end" '$0 == b { on = 1; next } $0 == e { on = 0 } on' "$file"; fi
}

is_there() {
  if [ -z "$begin" ]; then [ -e "$file" ]; else grep -qxF "$begin" "$file" 2> /dev/null; fi
}

# the whole file with $1 as our part of it
build() {
  if [ -n "$begin" ]; then
    [ ! -e "$file" ] || awk -v b="$begin" -v e="$end" '$0 == b { skip = 1 } ! skip { print } $0 == e { skip = 0 }' "$file"
    [ -z "$1" ] || { printf '%s\\n' "$begin"; cat "$1"; printf '%s\\n' "$end"; }
  else
    [ -z "$1" ] || cat "$1"
  fi > "$stage/candidate"
}

# the product's own opinion, in a mount namespace where the candidate is in place already
check() {
  build "$1" || return 70
  folder=\${file%/*}
  rm -rf "$stage/folder"
  cp -a "$folder" "$stage/folder" && cp "$stage/candidate" "$stage/folder/\${file##*/}" || return 70
  idle=
  if said=$(unshare -m sh -c 'mount --bind "$1" "$2" && shift 2 && exec "$@"' sh "$stage/folder" "$folder" ${check.join(' ')} 2>&1); then return 0; fi
  status=$?
  # HAProxy with nothing left to listen on is not wrong: it just does not run
  if [ -z "$1" ] && [ "$status" = 2 ] && ! printf '%s' "$said" | grep -q ALERT; then idle=yes; return 0; fi
  printf '%s\\n' "$said" >&2
  printf '%s\\n' "$said" | grep -iE 'emerg|alert|error' | head -n 1 >&2
  return 65
}

install() {
  if [ -s "$stage/candidate" ]; then
    cp "$stage/candidate" "$file.bulkhead" || return 70
    if [ -e "$file" ]; then chmod --reference="$file" "$file.bulkhead"; chown --reference="$file" "$file.bulkhead"; fi
    sync "$file.bulkhead" && mv -f "$file.bulkhead" "$file"
  else
    rm -f "$file"
  fi
}

# processes that take connections on the cluster's port
listeners() {
  ${port === 0 ? ':' : `ss -Hltnp 'sport = :${port}' | grep -o '"${program}",pid=[0-9]*' | sort -u`}
}

former=
reload() {
  former=$(listeners)
  if [ -n "$idle" ]; then systemctl stop "$unit"; return; fi
  if systemctl is-active --quiet "$unit"; then systemctl reload "$unit"; return; fi
  if ! systemctl is-enabled --quiet "$unit" 2> /dev/null; then
    mkdir -p -m 700 "$keep" && : > "$keep/enabled"
    systemctl enable --quiet "$unit"
  fi
  systemctl start "$unit"
}

# what only ran for us does not run without us
retire() {
  [ ! -e "$keep/enabled" ] || systemctl disable --quiet --now "$unit"
}

# who listened before does not any more: a reload on top of one that is under way would lose connections, and who could not begin
# anew goes on with the former configuration without a word
handed_over() {
  ${handsOver ? 'for each in $former; do ! listeners | grep -qxF "$each" || return 1; done' : ':'}
}

# it runs, and still does a second later: a product that cannot use its configuration may take a moment to give up
runs() {
  [ -z "$idle" ] || return 0
  tries=0
  until systemctl is-active --quiet "$unit" && handed_over${port === 0 ? '' : ' && { [ ! -s "$1" ] || [ -n "$(listeners)" ]; }'}; do
    tries=$((tries + 1))
    [ "$tries" -lt 50 ] || return 1
    sleep 0.2
  done
  sleep 1
  systemctl is-active --quiet "$unit"
}

put() {
  check "$1" || exit $?
  wanted=\${1:-/dev/null}
  rm -f "$stage/former"
  [ ! -e "$file" ] || cp -p "$file" "$stage/former" || exit 70
  ours > "$stage/ours"
  is_there || rm -f "$stage/ours"
  install || exit 70
  if reload && runs "$wanted"; then
    mkdir -p -m 700 "$keep"
    if [ ! -e "$stage/ours" ]; then rm -f "$keep/previous"; elif ! cmp -s "$stage/ours" "$wanted"; then mv -f "$stage/ours" "$keep/previous"; fi
    if [ -n "$1" ]; then sha256sum < "$1" | cut -c 1-64 > "$keep/applied"; else rm -f "$keep/applied"; fi
    return 0
  fi
  why=$(journalctl --unit "$unit" --lines 5 --no-pager --output cat 2> /dev/null)
  if [ -e "$stage/former" ]; then cp -p "$stage/former" "$file.bulkhead" && mv -f "$file.bulkhead" "$file"; else rm -f "$file"; fi
  systemctl reset-failed "$unit" 2> /dev/null
  idle=
  reload
  printf '%s\\n' "$why" >&2
  printf '%s\\n' "$why" | grep -iE 'emerg|alert|error|cannot|failed' | tail -n 1 >&2
  echo "${place.title} did not come up with the new configuration: the former one was put back" >&2
  exit 66
}

# what was there before this run is kept until other runs have come
remember() {
  [ ! -e "$run/known" ] || return 0
  mkdir -p -m 700 "$keep/runs" "$run" || exit 70
  if is_there; then ours > "$run/before"; fi
  : > "$run/known"
  ls -1dt "$keep"/runs/* | tail -n +6 | while read -r old; do rm -rf "$old"; done
}

# what is empty goes, up to the folder of all clusters
leave() { rmdir "$keep" "\${keep%/*}" "\${keep%/*/*}" 2> /dev/null || true; }

# half of our part is everybody else's end: what comes behind the line that begins it would go with it
[ -z "$begin" ] || [ ! -e "$file" ] || awk -v b="$begin" -v e="$end" '
  $0 == b { if (on || seen++) exit bad = 1; on = 1 }
  $0 == e { if (! on) exit bad = 1; on = 0 }
  END { exit (bad || on) }' "$file" || { echo "$file does not hold the lines \\"$begin\\" and \\"$end\\" once each, in this order: mend that by hand, nothing was changed" >&2; exit 69; }

case $1 in
  check) check "$2" ;;
  put) remember; put "$2" ;;
  back)
    [ -e "$run/known" ] || exit 0
    if [ -e "$run/before" ]; then put "$run/before"; else put ''; retire; rm -f "$keep/enabled" "$keep/previous"; fi
    rm -rf "$run"
    rmdir "$keep/runs" 2> /dev/null
    leave
    ;;
  undo)
    [ -s "$keep/previous" ] || { echo 'no former version is kept here' >&2; exit 67; }
    remember
    cp "$keep/previous" "$stage/previous" && put "$stage/previous"
    ;;
  remove)
    put ''
    retire
    rm -rf "$keep"
    leave
    ;;
esac
`;
}
