import { unitName } from '../paths.ts';
import { asRoot, script, type RemoteCommand } from '../remote-command.ts';

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

export function lastLog(lines: number): RemoteCommand {
  return asRoot('journalctl', '--unit', unitName, '--lines', String(lines), '--no-pager', '--output', 'cat');
}

/** The running node reads its credentials again; one that does not run reads them when it starts. */
export function reloadCredentials(): RemoteCommand {
  return asRoot(...script('if systemctl is-active --quiet "$1"; then systemctl kill --kill-who=main --signal=HUP "$1"; fi', unitName));
}

export function serviceIsActive(): RemoteCommand {
  return asRoot('systemctl', 'is-active', '--quiet', unitName);
}
