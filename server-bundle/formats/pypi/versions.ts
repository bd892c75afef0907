/** A version as PEP 440 reads it. Numbers are decimal text without leading zeros: they may be longer than a JavaScript number is exact. */
export interface ProjectVersion {
  readonly epoch: string;
  readonly release: readonly string[];
  readonly pre: { readonly letter: 'a' | 'b' | 'rc'; readonly number: string } | null;
  readonly post: string | null;
  readonly dev: string | null;
  readonly local: readonly string[];
}

const maxLength = 128;
const separator = '[-_.]?';
// PEP 440, appendix B
const pattern = new RegExp(
  `^v?(?:(\\d+)!)?(\\d+(?:\\.\\d+)*)`
  + `(?:${separator}(alpha|a|beta|b|preview|pre|c|rc)${separator}(\\d*))?`
  + `(?:-(\\d+)|${separator}(post|rev|r)${separator}(\\d*))?`
  + `(?:${separator}(dev)${separator}(\\d*))?`
  + `(?:\\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$`, 'i');
const letters: Readonly<Record<string, 'a' | 'b' | 'rc'>> = { alpha: 'a', a: 'a', beta: 'b', b: 'b', preview: 'rc', pre: 'rc', c: 'rc', rc: 'rc' };

/** null for what is no version by PEP 440. */
export function parseVersion(text: string): ProjectVersion | null {
  if (text.length > maxLength) return null;
  const match = pattern.exec(text.trim());
  if (match === null) return null;
  const [, epoch = '0', release = '', pre, preNumber, implicitPost, postWord, postNumber, devWord, devNumber, local] = match;
  const letter = pre === undefined ? undefined : letters[pre.toLowerCase()];
  return {
    epoch: plain(epoch),
    release: release.split('.').map(plain),
    pre: letter === undefined ? null : { letter, number: plain(preNumber ?? '') },
    post: implicitPost !== undefined ? plain(implicitPost) : postWord === undefined ? null : plain(postNumber ?? ''),
    dev: devWord === undefined ? null : plain(devNumber ?? ''),
    local: local === undefined ? [] : local.toLowerCase().split(/[-_.]/).map((part) => (isNumber(part) ? plain(part) : part)),
  };
}

/** The normalized spelling (PEP 440, "Normalization"). */
export function canonicalVersion({ epoch, release, pre, post, dev, local }: ProjectVersion): string {
  return (epoch === '0' ? '' : `${epoch}!`) + release.join('.')
    + (pre === null ? '' : pre.letter + pre.number) + (post === null ? '' : `.post${post}`) + (dev === null ? '' : `.dev${dev}`)
    + (local.length === 0 ? '' : `+${local.join('.')}`);
}

/** Order of PEP 440, for `sort`; 0 for versions that are the same, however they are spelled (1.0 and 1.0.0). */
export function compareVersions(a: ProjectVersion, b: ProjectVersion): number {
  return compareNumbers(a.epoch, b.epoch)
    || compareReleases(a.release, b.release)
    || compareKeys(preKey(a), preKey(b))
    || compareKeys(a.post === null ? below : ['', a.post], b.post === null ? below : ['', b.post])
    || compareKeys(a.dev === null ? above : ['', a.dev], b.dev === null ? above : ['', b.dev])
    || compareLocals(a.local, b.local);
}

/** Whether two texts spell one version. */
export function isSameVersion(a: string, b: string): boolean {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  return left !== null && right !== null && compareVersions(left, right) === 0;
}

/** For lists that may hold anything: what is no version comes first. */
export function compareVersionTexts(a: string, b: string): number {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  if (left === null || right === null) return left === right ? (a < b ? -1 : a > b ? 1 : 0) : left === null ? -1 : 1;
  return compareVersions(left, right);
}

/** Whether nobody gets it without asking for it. */
export function isPreRelease({ pre, dev }: ProjectVersion): boolean {
  return pre !== null || dev !== null;
}

type Key = readonly [word: string, number: string];
const below: Key = ['', '-'];
const above: Key = ['~', '0'];

/** A development release of a release comes before its pre-releases; a release after them. */
function preKey({ pre, post, dev }: ProjectVersion): Key {
  if (pre !== null) return [pre.letter, pre.number];
  return post === null && dev !== null ? below : above;
}

function compareKeys([wordA, numberA]: Key, [wordB, numberB]: Key): number {
  if (wordA !== wordB) return wordA < wordB ? -1 : 1;
  if (numberA === '-' || numberB === '-') return Number(numberB === '-') - Number(numberA === '-');
  return compareNumbers(numberA, numberB);
}

function compareReleases(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const order = compareNumbers(a[index] ?? '0', b[index] ?? '0');
    if (order !== 0) return order;
  }
  return 0;
}

/** Numbers are above words, and what is longer above its own beginning. */
function compareLocals(a: readonly string[], b: readonly string[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    if (right === undefined) return 1;
    if (isNumber(left) !== isNumber(right)) return isNumber(left) ? 1 : -1;
    const order = isNumber(left) ? compareNumbers(left, right) : left < right ? -1 : left > right ? 1 : 0;
    if (order !== 0) return order;
  }
  return a.length === b.length ? 0 : -1;
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

/** Without leading zeros; nothing is zero. */
function plain(digits: string): string {
  return digits.replace(/^0+(?=\d)/, '') || '0';
}

function compareNumbers(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}
