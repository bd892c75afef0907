import { always, failed, passed, type Check } from '../check.ts';

/** The hardening of the unit is understood from this version on. */
const minimum = 240;

export const systemd: Check = {
  id: 'systemd',
  category: 'system',
  applicable: always,
  async check({ probe }) {
    const running = await probe('test', '-d', '/run/systemd/system');
    if (running.exitCode !== 0) return failed('systemd does not run on this host', 'Use a host that was booted with systemd.');
    const { stdout } = await probe('systemctl', '--version');
    const version = Number(/^systemd (\d+)/.exec(stdout)?.[1] ?? 0);
    if (version >= minimum) return passed(`systemd ${version}`);
    return failed(`systemd ${version} is too old; ${minimum} is needed`, 'Use a newer release of the distribution.');
  },
};
