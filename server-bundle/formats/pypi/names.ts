/**
 * A project's name as indexes compare it (PEP 503): lower case, every run of "-", "_" and "." is one "-".
 * Also for what is no valid name; then the result is none either.
 */
export function normalizeName(name: string): string {
  return name.replace(/[-_.]+/g, '-').toLowerCase();
}

/** Whether a project may have this name (PEP 508). */
export function isProjectName(name: string): boolean {
  return name.length <= 200 && /^(?:[a-z0-9]|[a-z0-9][a-z0-9._-]*[a-z0-9])$/i.test(name);
}

/** Whether it is the normalized form of a project's name. */
export function isNormalizedName(name: string): boolean {
  return isProjectName(name) && normalizeName(name) === name;
}
