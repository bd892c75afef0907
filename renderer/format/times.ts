const thinSpace = '\u202f';
/** a length of time is not broken over two lines */
const firmSpace = '\u00a0';

/** A length of time in the unit a person would choose: "0.4 ms", "184 ms", "1.24 s", "2 min 04 s", "3 h 12 min", "12 d 4 h". */
export function formatDuration(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)}${thinSpace}ms`;
  if (ms < 999.5) return `${Math.round(ms)}${thinSpace}ms`;
  if (ms < 9_995) return `${(ms / 1000).toFixed(2)}${thinSpace}s`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)}${thinSpace}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return firm(`${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 24 * 60) return firm(`${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`);
  const hours = Math.floor(minutes / 60);
  return firm(`${Math.floor(hours / 24)} d ${hours % 24} h`);
}

function firm(text: string): string {
  return text.replaceAll(' ', firmSpace);
}

/** How old a fact is: "0.4 s ago" while it is young, coarser as it ages. */
export function formatAge(ms: number): string {
  const age = Math.max(0, ms);
  if (age < 9_950) return `${(age / 1000).toFixed(1)} s ago`;
  if (age < 60_000) return `${Math.round(age / 1000)} s ago`;
  if (age < 3_600_000) return `${Math.floor(age / 60_000)} min ago`;
  if (age < 172_800_000) return `${Math.floor(age / 3_600_000)} h ago`;
  return `${Math.floor(age / 86_400_000)} d ago`;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Time of day on this machine: "12:04:21". */
export function formatClock(at: number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Time of day with milliseconds, for logs and failovers. */
export function formatExactClock(at: number): string {
  return `${formatClock(at)}.${String(new Date(at).getMilliseconds()).padStart(3, '0')}`;
}

/** "today 12:04:21", "yesterday 23:10:02", "3 Nov 08:15:00". */
export function formatMoment(at: number, now: number): string {
  const date = new Date(at);
  const startOfDay = (time: number): number => new Date(time).setHours(0, 0, 0, 0);
  const days = Math.round((startOfDay(now) - startOfDay(at)) / 86_400_000);
  if (days === 0) return `today ${formatClock(at)}`;
  if (days === 1) return `yesterday ${formatClock(at)}`;
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  return `${date.getDate()} ${months[date.getMonth()] ?? ''} ${formatClock(at)}`;
}
