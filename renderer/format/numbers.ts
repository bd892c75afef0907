const thinSpace = '\u202f';

/** `4180` → "4 180", with a narrow no-break space between thousands. */
export function formatCount(value: number): string {
  const digits = String(Math.abs(Math.round(value)));
  const grouped = digits.length < 4 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, thinSpace);
  return Math.round(value) < 0 ? `−${grouped}` : grouped;
}

/** Events per second: one decimal below ten, none above; exactly "0" when there were none. */
export function formatRate(perSecond: number): string {
  if (perSecond <= 0) return '0';
  return perSecond < 9.95 ? perSecond.toFixed(1) : formatCount(perSecond);
}

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Bytes in decimal units, as disks and networks are sold: "184 MB", "1.8 TB". */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.5 ? formatCount(value) : value.toFixed(value < 9.95 ? 1 : 0);
  return `${digits}${thinSpace}${byteUnits[unit] ?? 'B'}`;
}

/** "1 node", "3 nodes". */
export function countOf(count: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`;
}
