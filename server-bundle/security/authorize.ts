import { BulkheadError } from '../contract/index.ts';
import { decide, noteAllowed, noteRefused, rightsHeldBy } from './held-rights.ts';
import { allows } from './permissions/rights.ts';
import type { Action, Principal } from './principal.ts';
import { requireTrashAccess, trashRepositoryKey } from './trash-access.ts';

/**
 * The one place that decides who may do what: the role of the user, groups, permission targets and the scope of the token.
 *
 * A virtual repository may be read where one of its members may, and deployed to where its default deployment repository may; whoever
 * resolves such a path asks again for the member that it comes from or goes to (`mayRead`, or this with the member's key).
 *
 * @param repository key of the repository; null for what belongs to the cluster as a whole
 * @param path       path inside the repository, one of a folder with a "/" at its end; null for the repository itself. Reading a folder needs a
 *                   right on anything in it, and what is listed is to be filtered (`readableItems`); deleting, annotating or managing one needs the right on
 *                   everything in it
 * @throws AUTHENTICATION_REQUIRED when somebody who is logged in might, FORBIDDEN when this user may not
 */
export function authorize(principal: Principal, action: Action, repository: string | null, path: string | null): void {
  if (!decide(principal, action, repository, path)) throw refusal(principal, action, repository, path);
}

/**
 * For a path that may turn out to be a file's or a folder's: the right on one of them is enough until that is known.
 * @param named path as the client has named it, for a refusal only: a right on it counts when it is among those that are meant
 * @returns the one that is allowed
 */
export function authorizeOneOf(principal: Principal, action: Action, repository: string, named: string, meant: readonly string[]): string {
  const allowed = meant.find((path) => may(principal, action, repository, path));
  if (allowed === undefined) {
    noteRefused(principal, { action, repository, path: named });
    throw refusal(principal, action, repository, named);
  }
  authorize(principal, action, repository, allowed);
  return allowed;
}

/** For calls that belong to administrators. */
export function requireAdmin(principal: Principal): void {
  authorize(principal, 'manage', null, null);
}

/** For calls that need a login even where anonymous read is on. */
export function requireLogin(principal: Principal): void {
  if (principal.role === 'anonymous') throw new BulkheadError('AUTHENTICATION_REQUIRED');
}

/** Whether the principal may change to whom a permission target gives something: administrators, and who has `manage` by the target itself. */
export function managesTarget(principal: Principal, target: string): boolean {
  const { role, only, within, rules } = rightsHeldBy(principal);
  return role === 'admin' || (only === null && within === undefined && rules.some((rule) => rule.target.name === target && rule.actions.has('manage')));
}

/** The same question as an answer, for whoever chooses among repositories or paths. */
export function may(principal: Principal, action: Action, repository: string, path: string | null): boolean {
  return allows(rightsHeldBy(principal), action, repository, path);
}

/** Whether this member of a virtual repository, or this path, is there for the principal. */
export function mayRead(principal: Principal, repository: string, path: string | null): boolean {
  return may(principal, 'read', repository, path);
}

/** Those of a list that the principal may read; `pathOf` gives the path in the repository, with a "/" at the end for a folder. */
export function readableItems<T>(principal: Principal, repository: string, items: readonly T[], pathOf: (item: T) => string): T[] {
  return items.filter((item) => mayRead(principal, repository, pathOf(item)));
}

/**
 * For a change of many paths at once (a folder that is deleted, copied or moved): each of them has to be allowed. Call it with what the change
 * really meets, inside its transaction.
 * @throws FORBIDDEN that names the first path that is not
 */
export function authorizeEach(principal: Principal, action: Action, repository: string, paths: readonly string[]): void {
  const refused = paths.find((path) => !may(principal, action, repository, path));
  if (refused !== undefined) authorize(principal, action, repository, refused);
  noteAllowed(principal, { action, repository, paths });
}

function refusal(principal: Principal, action: Action, repository: string | null, path: string | null): BulkheadError {
  if (repository === trashRepositoryKey) requireTrashAccess(principal, action);
  if (principal.role === 'anonymous') return new BulkheadError('AUTHENTICATION_REQUIRED');
  const where = repository === null ? '' : ` in ${repository}${path === null ? '' : `/${path}`}`;
  return new BulkheadError('FORBIDDEN', `${principal.name} (${principal.role}) may not ${action}${where}`);
}
