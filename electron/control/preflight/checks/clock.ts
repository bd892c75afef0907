import { always, passed, warning, type Check, type CheckContext } from '../check.ts';

/** Nothing is decided by a host's clock; it is in logs, and in certificates' lifetimes. */
const tolerableMs = 5000;

/** Against the database's clock, which all nodes share; against this machine's while nobody can ask the database. */
export const clock: Check = {
  id: 'clock',
  category: 'system',
  applicable: always,
  async check(context) {
    const { offset, from } = await offsetOf(context);
    if (Math.abs(offset) <= tolerableMs) return passed(`The clock agrees with ${from}`);
    return warning(`The clock is ${lengthOf(Math.abs(offset))} ${offset > 0 ? 'ahead of' : 'behind'} ${from}`, 'timedatectl set-ntp true', 'Install chrony.');
  },
};

/** 90 s, 5 min, 7 h, 3 days: a clock that is set wrong is off by a round number of something. */
function lengthOf(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds <= 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  const hours = Math.round(seconds / 3600);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

async function offsetOf(context: CheckContext): Promise<{ offset: number; from: string }> {
  const look = context.planned === null ? null : await context.database();
  if (look?.kind === 'facts' && look.clockOf === 'host') return { offset: look.facts.clockOffsetMs, from: "the database's" };
  const before = Date.now();
  const { stdout } = await context.probe('date', '+%s%3N');
  const fromHere = Number(stdout.trim()) - (before + Date.now()) / 2;
  if (look?.kind === 'facts') return { offset: fromHere + look.facts.clockOffsetMs, from: "the database's" };
  return { offset: fromHere, from: "this machine's" };
}
