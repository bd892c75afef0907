const units = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

/** "40 GB", in powers of 1000, with one digit after the point below ten. */
export function bytesInWords(bytes: number): string {
  const power = bytes < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${rounded(bytes / 1000 ** power)} ${units[power] ?? 'bytes'}`;
}

/** "850 ms", "12 s", "4 min", "3 h", "2 days" */
export function durationInWords(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 1) return `${String(Math.round(milliseconds))} ms`;
  if (seconds < 120) return `${rounded(seconds)} s`;
  if (seconds < 7200) return `${rounded(seconds / 60)} min`;
  if (seconds < 172_800) return `${rounded(seconds / 3600)} h`;
  return `${rounded(seconds / 86_400)} days`;
}

export function percent(share: number): string {
  return `${String(Math.round(share * 100))} %`;
}

/** "disk 91 % of 40 GB": how full something is. */
export function fillInWords(totalBytes: number, freeBytes: number): string {
  return `${percent(1 - freeBytes / totalBytes)} of ${bytesInWords(totalBytes)}`;
}

function rounded(value: number): string {
  return value < 10 ? String(Math.round(value * 10) / 10) : String(Math.round(value));
}
