import { always, passed, warning, type Check } from '../check.ts';

/** Nothing is decided by a host's clock; it is in logs, and in certificates' lifetimes. */
const tolerableMs = 5000;

/** Against this machine's clock; the node's own check holds it against the database's before the start. */
export const clock: Check = {
  id: 'clock',
  category: 'system',
  applicable: always,
  async check({ probe }) {
    const before = Date.now();
    const { stdout } = await probe('date', '+%s%3N');
    const offset = Number(stdout.trim()) - (before + Date.now()) / 2;
    if (Math.abs(offset) <= tolerableMs) return passed('The clock agrees with this machine');
    return warning(`The clock is ${Math.round(offset / 1000)} s off this machine's`, 'timedatectl set-ntp true', 'Install chrony.');
  },
};
