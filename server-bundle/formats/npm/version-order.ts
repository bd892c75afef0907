import semver from 'semver';

/** Whether this is a version exactly as npm writes them (https://semver.org, without build metadata). */
export function isVersion(text: string): boolean {
  return text.length <= 256 && semver.valid(text) === text;
}

/** A version as somebody has written it into a package.json, the way npm publishes it: without `v` and without build metadata. Null when it is none. */
export function publishedVersion(written: unknown): string | null {
  return typeof written === 'string' && written.length <= 256 ? semver.clean(written, true) : null;
}

export function isRange(text: string): boolean {
  return semver.validRange(text) !== null;
}

/** Negative when `a` comes before `b`. What is no version (registries elsewhere have such) comes before all that are, by its text. */
export function compareVersions(a: string, b: string): number {
  const [first, second] = [semver.parse(a, true), semver.parse(b, true)];
  const byText = a < b ? -1 : a > b ? 1 : 0;
  if (first === null || second === null) return first === second ? byText : first === null ? -1 : 1;
  return first.compare(second) || byText;
}

/** The version that `latest` stands for when nobody has said so: the highest release, else the highest of all. */
export function highest(versions: Iterable<string>): string | undefined {
  const sorted = [...versions].sort(compareVersions);
  return sorted.findLast((version) => (semver.prerelease(version, true) ?? []).length === 0) ?? sorted.at(-1);
}
