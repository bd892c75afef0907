import { journalNamespace, paths, unitName } from '../paths.ts';
import { asRoot, script, type RemoteCommand } from '../remote-command.ts';
import { journalctl } from './journalctl.ts';

export function reloadUnits(): RemoteCommand {
  return asRoot('systemctl', 'daemon-reload');
}

export function serviceRuns(): readonly RemoteCommand[] {
  return [asRoot('systemctl', 'is-enabled', '--quiet', unitName), asRoot('systemctl', 'is-active', '--quiet', unitName)];
}

/** Remembers in the run's folder that the service ran before. */
export function noteRunning(runFolder: string): RemoteCommand {
  return asRoot(...script('if systemctl is-active --quiet "$1"; then mkdir -p -m 700 "$2" && : > "$2/was-active"; fi', unitName, runFolder));
}

/** A running service is drained first: that is what its stop does. */
export function startService(stopTimeoutMs: number): readonly RemoteCommand[] {
  return [
    asRoot('systemctl', 'enable', '--quiet', unitName),
    { ...asRoot('systemctl', 'restart', unitName), timeoutMs: stopTimeoutMs + 30_000 },
  ];
}

export function stopService(stopTimeoutMs: number): readonly RemoteCommand[] {
  return [
    { ...asRoot(...script('if systemctl cat "$1" > /dev/null 2>&1; then systemctl disable --quiet --now "$1"; fi', unitName)), timeoutMs: stopTimeoutMs + 30_000 },
    asRoot(...script('systemctl reset-failed "$1" 2>/dev/null || true', unitName)),
  ];
}

/** Starts what ran before, once everything else is as it was. */
export function startFormer(runFolder: string): RemoteCommand {
  return asRoot(...script('if [ -e "$2/was-active" ]; then systemctl daemon-reload && systemctl enable --quiet "$1" && systemctl restart "$1"; fi', unitName, runFolder));
}

/** The newest lines of the node, and what the service manager says of it. */
export function lastLog(lines: number): RemoteCommand {
  return asRoot(...script(`${journalctl} --unit "$1" --lines "$2" --no-pager --output cat`, unitName, String(lines)));
}

const journald = `systemd-journald@${journalNamespace}`;
const journalSockets = [`${journald}.socket`, `systemd-journald-varlink@${journalNamespace}.socket`];
/** Where journald keeps what it was told in the namespace: on the disk, in memory, and its sockets. */
const journalFolders = '/var/log/journal/*."$namespace" /run/log/journal/*."$namespace" "/run/systemd/journal.$namespace"';

/** A journal that is written goes by its new settings. */
export function readJournalSettings(): RemoteCommand {
  return asRoot(...script('systemctl try-restart "$1" 2> /dev/null || true', `${journald}.service`));
}

/** Succeeds when nothing of the node's journal is left, nor of its settings. */
export function journalIsGone(): RemoteCommand {
  return asRoot(...script(`namespace=$2; for each in "$1" ${journalFolders}; do [ ! -e "$each" ] || exit 1; done`, paths.journalFile, journalNamespace));
}

/** Takes the node's journal away, where its settings are gone. */
export function dropJournal(): RemoteCommand {
  return asRoot(...script(
    `[ ! -e "$1" ] || exit 0; namespace=$2; shift 2; systemctl stop "$@" 2> /dev/null; rm -rf --one-file-system ${journalFolders}`,
    paths.journalFile, journalNamespace, `${journald}.service`, ...journalSockets,
  ));
}

/** The running node reads its credentials again; one that does not run reads them when it starts. */
export function reloadCredentials(): RemoteCommand {
  return asRoot(...script('if systemctl is-active --quiet "$1"; then systemctl kill --kill-who=main --signal=HUP "$1"; fi', unitName));
}

export function serviceIsActive(): RemoteCommand {
  return asRoot('systemctl', 'is-active', '--quiet', unitName);
}
