import type { Session } from '../cluster/ports.ts';

/** Makes one `T` for each session and forgets it with the session. Services that lean on an incarnation are made here. */
export function perSession<T>(create: (session: Session) => T): (session: Session) => T {
  const made = new WeakMap<Session, { readonly value: T }>();
  return (session) => {
    let entry = made.get(session);
    if (entry === undefined) {
      entry = { value: create(session) };
      made.set(session, entry);
    }
    return entry.value;
  };
}
