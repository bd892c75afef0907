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

/** A journal that is written goes by its new settings. */
export function readJournalSettings(): RemoteCommand {
  return asRoot(...script('systemctl try-restart "$1" 2> /dev/null || true', `${journald}.service`));
}

/** Takes the node's journal away, where its settings are gone. */
export function dropJournal(): RemoteCommand {
  return asRoot(...script(
    '[ ! -e "$1" ] || exit 0; systemctl stop "$2.service" "$2.socket" "$2-varlink.socket" 2> /dev/null; rm -rf --one-file-system /var/log/journal/*."$3" /run/log/journal/*."$3"',
    paths.journalFile, journald, journalNamespace,
  ));
}

/** The running node reads its credentials again; one that does not run reads them when it starts. */
export function reloadCredentials(): RemoteCommand {
  return asRoot(...script('if systemctl is-active --quiet "$1"; then systemctl kill --kill-who=main --signal=HUP "$1"; fi', unitName));
}

export function serviceIsActive(): RemoteCommand {
  return asRoot('systemctl', 'is-active', '--quiet', unitName);
}
