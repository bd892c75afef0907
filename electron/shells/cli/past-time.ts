import { InvalidArgumentError } from 'commander';

const units: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time, or how long ago it was ("90m"), as milliseconds since 1970. Throws when it is neither. */
export function pastTime(text: string, _before?: unknown, now = Date.now()): number {
  const [, amount, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const at = amount === undefined ? (text.includes('-') ? Date.parse(text) : Number.NaN) : now - Number(amount) * (units[unit] ?? 0);
  if (Number.isNaN(at)) throw new InvalidArgumentError('a time such as 2026-01-31T12:00:00Z, or 90m, 3h, 2d is wanted');
  return at;
}
