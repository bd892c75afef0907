import type { Action, Principal } from './principal.ts';
import { allows, rightsOfRole, type Rights } from './permissions/rights.ts';

/** One question that was answered for a principal. */
export interface Decision {
  readonly action: Action;
  readonly repository: string | null;
  readonly path: string | null;
  readonly allowed: boolean;
}

/** Many paths that one change meets, each of which was allowed. */
export interface AllowedPaths {
  readonly action: Action;
  readonly repository: string;
  readonly paths: readonly string[];
}

interface Held {
  rights: Rights;
  readonly decisions: Decision[];
  readonly lists: AllowedPaths[];
}

const held = new WeakMap<Principal, Held>();
const byRole = { admin: rightsOfRole('admin'), deployer: rightsOfRole('deployer'), reader: rightsOfRole('reader'), user: rightsOfRole('user'), anonymous: rightsOfRole('anonymous') } as const;

/** Gives a principal its rights, for as long as the request lives; later ones replace them. */
export function holdRights(principal: Principal, rights: Rights): void {
  const present = held.get(principal);
  if (present === undefined) held.set(principal, { rights, decisions: [], lists: [] });
  else present.rights = rights;
}

/** Somebody inside the process, who came with no request, has what the role says. */
export function rightsHeldBy(principal: Principal): Rights {
  return held.get(principal)?.rights ?? byRole[principal.role];
}

/** Answers and takes a note of it, so that the answer can be confirmed and audited. */
export function decide(principal: Principal, action: Action, repository: string | null, path: string | null): boolean {
  const own = held.get(principal);
  const allowed = allows(own?.rights ?? byRole[principal.role], action, repository, path);
  // whoever asks about a whole list uses the filters, which note nothing
  own?.decisions.push({ action, repository, path, allowed });
  return allowed;
}

/** Takes a note of what was refused, as it was asked. */
export function noteRefused(principal: Principal, refused: Omit<Decision, 'allowed'>): void {
  held.get(principal)?.decisions.push({ ...refused, allowed: false });
}

/** What was asked about a principal so far, in order. */
export function decisionsAbout(principal: Principal): readonly Decision[] {
  return held.get(principal)?.decisions ?? [];
}

/** Takes a note of paths that were allowed one by one. */
export function noteAllowed(principal: Principal, allowed: AllowedPaths): void {
  held.get(principal)?.lists.push(allowed);
}

/** Notes so far, in order. */
export function allowedListsOf(principal: Principal): readonly AllowedPaths[] {
  return held.get(principal)?.lists ?? [];
}
