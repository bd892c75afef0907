import { asRoot, asService, paths, script, writeFile, type RemoteCommand } from '../provision/index.ts';
import { progressFile, recordFile, releasesFolder, runsFolder, scriptFile, switchUnit } from './paths.ts';
import { switchScript } from './switch-script.ts';

/** Records and logs of runs that a host keeps. */
const keptFiles = 40;

export interface ServiceIds {
  readonly uid: number;
  readonly gid: number;
}

/** A command of the bundle that the host runs now. */
export function clusterCommand({ uid, gid }: ServiceIds, argv: readonly string[], input?: unknown, timeoutMs = 30_000): RemoteCommand {
  return {
    ...asService(uid, gid, `${paths.current}/node`, `${paths.current}/bulkhead-node.cjs`, 'cluster', ...argv, '--config', paths.configFile, '--json'),
    timeoutMs, ...(input === undefined ? {} : { input: { text: JSON.stringify(input), placeholder: null } }),
  };
}

/**
 * Every release on the host with what its bundle says of itself ("-" when it cannot, "incomplete" after an upload that was cut), and the one
 * that runs: lines of "cpu MACHINE", "current NAME" and "release NAME SECONDS JSON", with the time of its installation since 1970.
 */
export function listReleases({ uid, gid }: ServiceIds): RemoteCommand {
  return {
    ...asRoot(...script(
      'echo "cpu $(uname -m)"; link=$(readlink "$1") && echo "current ${link#releases/}"; cd "$2" 2> /dev/null || exit 0; '
      + 'for r in *; do [ -d "$r" ] || continue; if [ ! -s "$r/node" ] || [ ! -s "$r/bulkhead-node.cjs" ]; then said=incomplete; else said=$(timeout 20 setpriv --reuid "$3" --regid "$4" --clear-groups -- "./$r/node" "./$r/bulkhead-node.cjs" version --json 2> /dev/null) || said=-; fi; echo "release $r $(stat -c %Y "$r") $said"; done',
      paths.current, releasesFolder, String(uid), String(gid),
    )),
    timeoutMs: 120_000,
  };
}

export function makeRunsFolder(): RemoteCommand {
  return asRoot(...script(
    'mkdir -p -m 755 "${1%/*}" && mkdir -p -m 700 "$1" && cd "$1" && ls -t | tail -n "+$2" | while read -r old; do rm -f -- "$old"; done', runsFolder, String(keptFiles),
  ));
}

export function writeRecord(runId: string, record: unknown): RemoteCommand {
  return writeFile({ path: recordFile(runId), content: { text: `${JSON.stringify(record)}\n`, placeholder: null }, mode: '600', uid: 0, gid: 0 });
}

export interface Switch {
  readonly runId: string;
  readonly attempt: number;
  readonly to: string;
  readonly from: string;
  readonly nodeId: string;
  readonly ids: ServiceIds;
  readonly by: string;
  readonly drainSeconds: number;
  readonly stopSeconds: number;
  readonly proveSeconds: number;
}

/** Puts the script there and starts it in a unit of its own. */
export function startSwitch({ runId, attempt, to, from, nodeId, ids, by, drainSeconds, stopSeconds, proveSeconds }: Switch): readonly RemoteCommand[] {
  const file = scriptFile(runId, attempt);
  return [
    writeFile({ path: file, content: { text: switchScript, placeholder: null }, mode: '700', uid: 0, gid: 0 }),
    asRoot(
      'systemd-run', '--quiet', '--collect', `--unit=${switchUnit(runId, attempt)}`, `--description=Bulkhead: ${nodeId} to ${to}`, '--property=KillMode=process',
      ...script('exec >> "$1" 2>&1; shift; exec sh "$@"', progressFile(runId, attempt), file, to, from, nodeId, String(ids.uid), String(ids.gid), by, String(drainSeconds), String(stopSeconds), String(proveSeconds)),
    ),
  ];
}

/** What the app does by looking again and again, for somebody who does it by hand: fails unless the new release serves at the end. */
export function untilSwitched(runId: string, attempt: number): RemoteCommand {
  return asRoot(...script('while systemctl is-active --quiet "$1"; do sleep 1; done; cat "$2"; tail -n 1 "$2" | grep -q " end done$"', switchUnit(runId, attempt), progressFile(runId, attempt)));
}

/** What the switch has said from a byte on (counted from 1), after a line "active" or "inactive" about its unit. */
export function readProgress(runId: string, attempt: number, from: number): RemoteCommand {
  return asRoot(...script(
    'if systemctl is-active --quiet "$1"; then echo active; else echo inactive; fi; tail -c "+$3" "$2" 2> /dev/null; exit 0',
    switchUnit(runId, attempt), progressFile(runId, attempt), String(from),
  ));
}
