import type { Probe } from './check.ts';

const unit = 'bulkhead-port-check';

/**
 * Something listens on port `$1` for as long as others try it: systemd itself, which every host has. What the first connection
 * wakes up sleeps, so that the others find the port as well. A timer ends it where nobody comes back to do so.
 */
export const listen = `
systemd-run --quiet --collect --unit=${unit} --socket-property=ListenStream="$1" sleep 60 || exit 1
systemd-run --quiet --collect --unit=${unit}-end --on-active=60 --timer-property=AccuracySec=1s systemctl stop ${unit}.socket ${unit}.service
`;

export const unlisten = `systemctl stop ${unit}-end.timer ${unit}.socket ${unit}.service 2> /dev/null; true`;

/** Whether what holds a port is such a trial: an app that died in it leaves it for a minute. @param holder what `ss -p` says of the port */
export async function isTrial(probe: Probe, holder: string): Promise<boolean> {
  return holder.includes('("systemd",pid=1,') && (await probe('systemctl', 'is-active', '--quiet', `${unit}.socket`)).exitCode === 0;
}
