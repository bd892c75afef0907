const hour = 3_600_000;

export interface UntilChoice { readonly label: string; readonly at: number }

/** Ends that people choose: in some hours, tonight, tomorrow morning. Times of day are this machine's. */
export function untilChoices(now: number): UntilChoice[] {
  const morning = new Date(now);
  morning.setDate(morning.getDate() + 1);
  morning.setHours(8, 0, 0, 0);
  return [
    { label: '30 min', at: now + hour / 2 },
    { label: '1 h', at: now + hour },
    { label: '4 h', at: now + 4 * hour },
    { label: 'tomorrow 08:00', at: morning.getTime() },
  ];
}

const two = (value: number): string => String(value).padStart(2, '0');

/** A moment as a `datetime-local` field writes it, in this machine's time. */
export function fieldOf(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** What was typed into such a field, or why it is no end of something that begins now. */
export function momentOf(field: string, now: number): { at: number } | { problem: string } {
  const at = field === '' ? NaN : Date.parse(field);
  if (Number.isNaN(at)) return { problem: 'Say until when' };
  if (at <= now + 60_000) return { problem: 'That is over already; choose a later time' };
  if (at > now + 30 * 24 * hour) return { problem: 'At most 30 days from now' };
  return { at };
}
