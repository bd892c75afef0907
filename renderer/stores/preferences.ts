/** What this screen remembers for its user. Losing it costs a click, so an unavailable storage is no error. */
export function readPreference(name: string): string | null {
  try {
    return localStorage.getItem(`bulkhead.${name}`);
  } catch {
    return null;
  }
}

export function writePreference(name: string, value: string): void {
  try {
    localStorage.setItem(`bulkhead.${name}`, value);
  } catch {
    // a full or forbidden storage: the choice holds until the page is closed
  }
}
