import { journalctl, paths, unitName } from '../provision/index.ts';

/**
 * One host from one release to another, or back: drain, stop, switch, start, prove, serve. It runs in a unit of its own on the host and
 * asks nobody: when the desktop is gone it comes to its end all the same. Every command has a limit of its own, so that it cannot
 * stand still half-way; the drain ends by itself when even this script is gone.
 *
 * Arguments: release, former release, node, uid, gid, who, seconds to drain, to stop, to prove. Lines that begin with "@" say how far it
 * is: time, step, "begin"; and at last time, "end", and one of
 * done | unchanged (nothing was touched) | put-back (the former release serves) | failed (neither serves).
 */
export const switchScript = `#!/bin/sh
set -u
LC_ALL=C
export LC_ALL
to=$1 from=$2 node=$3 uid=$4 gid=$5 by=$6 drain=$7 stop=$8 prove=$9
home=${paths.home} current=${paths.current} unit=${unitName} config=${paths.configFile}

mark() { printf '@ %s %s %s\\n' "$(date +%s)" "$1" "$2"; }
finish() { mark end "$1"; rm -f "$0"; exit "$2"; }
# bundle: seconds, release, arguments
bundle() {
  limit=$1 release=$2
  shift 2
  timeout --kill-after=5 "$limit" setpriv --reuid "$uid" --regid "$gid" --clear-groups -- "$home/releases/$release/node" "$home/releases/$release/bulkhead-node.cjs" "$@" --config "$config" --json
}
point() { ln -sfn "releases/$1" "$current.new" && mv -fT "$current.new" "$current"; }
halt() { timeout --kill-after=5 "$((stop + 30))" systemctl stop "$unit"; }
# waits for the proof, but not for a program that ends again and again
proven() {
  bundle "$((prove + 15))" "$1" check-serving --trial --wait "$prove" &
  proof=$!
  while kill -0 "$proof" 2> /dev/null; do
    restarts=$(systemctl show --property=NRestarts --value "$unit")
    if [ "\${restarts:-0}" -ge 3 ]; then
      echo "it was started $((restarts + 1)) times and ended each time"
      kill "$proof" 2> /dev/null
      wait "$proof"
      return 1
    fi
    sleep 1
  done
  wait "$proof"
}
# comes up as: release, prefix of its steps
comes_up() {
  mark "$2switch" begin
  point "$1" || return 1
  mark "$2start" begin
  systemctl reset-failed "$unit" 2> /dev/null
  timeout --kill-after=5 60 systemctl start "$unit" || return 1
  mark "$2prove" begin
  proven "$1" || { ${journalctl} --unit "$unit" --lines 20 --no-pager --output cat; return 1; }
  mark "$2undrain" begin
  bundle 90 "$1" cluster undrain --node "$node" --wait 60
}

mark drain begin
if ! bundle "$((drain + 40))" "$from" cluster drain --node "$node" --by "$by" --kind upgrade --note "$to" --deadline "$drain" --wait "$((drain + 20))" --until "$((drain + 2 * (stop + prove) + 300))"; then
  bundle 30 "$from" cluster undrain --node "$node"
  finish unchanged 1
fi
mark stop begin
if halt && comes_up "$to" ''; then finish done 0; fi
[ "$to" != "$from" ] || finish failed 1
mark back-stop begin
halt
if comes_up "$from" back-; then finish put-back 1; fi
finish failed 1
`;

/** Steps of a node's turn, in order; the first two are the desktop's. */
export const turnSteps = [
  { step: 'lock', title: 'Lock the host' },
  { step: 'upload', title: 'Put the release there' },
  { step: 'drain', title: 'Drain: requests under way finish' },
  { step: 'stop', title: 'Stop the node' },
  { step: 'switch', title: 'Switch to the release' },
  { step: 'start', title: 'Start the node' },
  { step: 'prove', title: 'Prove that it serves, before clients get it' },
  { step: 'undrain', title: 'Let clients come back' },
] as const;

/** The step after all turns, on hosts where releases go. */
export const removeStep = { step: 'old-releases', title: 'Remove releases that nobody goes back to' } as const;

/** What is done on a host, in order. @param removes releases that go from it */
export function stepsOf(removes: readonly string[]): readonly { readonly step: string; readonly title: string }[] {
  return removes.length === 0 ? turnSteps : [...turnSteps, { ...removeStep, title: `${removeStep.title}: ${removes.join(', ')}` }];
}

const putBackTitles: Readonly<Record<string, string>> = {
  'back-stop': 'Stop what does not come up', 'back-switch': 'Switch back to the former release', 'back-start': 'Start the former release',
  'back-prove': 'Prove that the former release serves', 'back-undrain': 'Let clients come back',
};

export function titleOf(step: string): string {
  return [...turnSteps, removeStep].find((each) => each.step === step)?.title ?? putBackTitles[step] ?? step;
}
