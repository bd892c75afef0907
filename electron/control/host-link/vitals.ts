import type { RawDisk, RawFacts, RawProcess } from './parse-facts.ts';

/** What a host has told of itself, and when by this machine's monotonic clock (milliseconds). */
export interface Vitals {
  /** when the answer came */
  readonly at: number;
  readonly raw: RawFacts;
  /** since the answer before; null for the first one */
  readonly cpuPercent: number | null;
  readonly processCpuPercent: number | null;
  /** the host's clock minus this machine's, milliseconds; null where its clock has whole seconds only */
  readonly clockOffsetMs: number | null;
  readonly roundTripMs: number;
  readonly disks: readonly (RawDisk & { readonly at: number })[];
  readonly releases: { readonly installed: string | null; readonly names: readonly string[]; readonly at: number } | null;
}

/** Ticks of the processor times in `/proc`, per second (USER_HZ, the same on all of Linux). */
const ticksPerSecond = 100;

/**
 * @param sentAt when the question was sent, monotonic milliseconds
 * @param wallClock this machine's clock when the answer came, milliseconds since 1970
 */
export function vitalsFrom(before: Vitals | null, raw: RawFacts, sentAt: number, at: number, wallClock: number): Vitals {
  const roundTripMs = at - sentAt;
  const passed = before === null ? 0 : raw.totalTicks - before.raw.totalTicks;
  const wall = before === null ? 0 : raw.uptimeSeconds - before.raw.uptimeSeconds;
  const fresh = raw.disks.map((disk) => ({ ...disk, at }));
  return {
    at, raw, roundTripMs,
    cpuPercent: before === null || passed <= 0 ? before?.cpuPercent ?? null : percent((raw.busyTicks - before.raw.busyTicks) / passed),
    processCpuPercent: wall > 0 ? processPercent(before?.raw.process ?? null, raw.process, wall) : null,
    clockOffsetMs: raw.isClockFine ? Math.round(raw.clockMs - (wallClock - roundTripMs / 2)) : null,
    disks: fresh.length === 0 ? before?.disks ?? [] : mergeDisks(before?.disks ?? [], fresh),
    releases: raw.releases === null ? before?.releases ?? null : { ...raw.releases, at },
  };
}

/** Newer ones take the place of those with the same purpose. */
export function mergeDisks(before: Vitals['disks'], fresh: Vitals['disks']): Vitals['disks'] {
  return [...before.filter(({ purpose }) => !fresh.some((disk) => disk.purpose === purpose)), ...fresh];
}

/** 100 is one core; null when it is not the same process any more. */
function processPercent(before: RawProcess | null, after: RawProcess | null, seconds: number): number | null {
  if (before === null || after?.pid !== before.pid) return null;
  return Math.max(0, round((after.ticks - before.ticks) / ticksPerSecond / seconds * 100));
}

function percent(share: number): number {
  return Math.min(100, Math.max(0, round(share * 100)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
