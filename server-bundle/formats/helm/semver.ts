/** A version as Helm reads it: SemVer 2, with a "v" before it and without minor and patch if need be. Numbers are decimal text. */
export interface ChartVersion {
  readonly numbers: readonly [major: string, minor: string, patch: string];
  readonly preRelease: readonly string[];
}

const pattern = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9a-z-]+(?:\.[0-9a-z-]+)*))?(?:\+[0-9a-z-]+(?:\.[0-9a-z-]+)*)?$/i;

/** null for what is no version. */
export function parseChartVersion(text: string): ChartVersion | null {
  const match = text.length > 256 ? null : pattern.exec(text);
  if (match === null) return null;
  const [, major = '0', minor = '0', patch = '0', pre] = match;
  return { numbers: [plain(major), plain(minor), plain(patch)], preRelease: pre === undefined ? [] : pre.split('.') };
}

/** Order of SemVer 2 (section 11), for `sort`; what is no version comes first, and what has the same rank is ordered as text. */
export function compareChartVersions(a: string, b: string): number {
  const [left, right] = [parseChartVersion(a), parseChartVersion(b)];
  const byText = a < b ? -1 : a > b ? 1 : 0;
  if (left === null || right === null) return left === right ? byText : left === null ? -1 : 1;
  for (const [index, number] of left.numbers.entries()) {
    const order = compareNumbers(number, right.numbers[index] ?? '0');
    if (order !== 0) return order;
  }
  return comparePreReleases(left.preRelease, right.preRelease) || byText;
}

function comparePreReleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return Number(a.length === 0) - Number(b.length === 0);
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right === undefined) return 1;
    const [leftIsNumber, rightIsNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
    if (leftIsNumber !== rightIsNumber) return leftIsNumber ? -1 : 1;
    const order = leftIsNumber ? compareNumbers(plain(left), plain(right)) : left < right ? -1 : left > right ? 1 : 0;
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function plain(digits: string): string {
  return digits.replace(/^0+(?=\d)/, '');
}

function compareNumbers(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
