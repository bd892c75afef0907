import { BulkheadError } from '../contract/index.ts';
import type { Action, Principal } from './principal.ts';
import { requireTrashAccess, trashRepositoryKey } from './trash-access.ts';

const allowed: Record<Principal['role'], ReadonlySet<Action>> = {
  admin: new Set<Action>(['read', 'annotate', 'deploy', 'delete', 'manage']),
  deployer: new Set<Action>(['read', 'annotate', 'deploy', 'delete']),
  reader: new Set<Action>(['read']),
  // a request without credentials gets this far only while anonymous read is switched on
  anonymous: new Set<Action>(['read']),
};

/**
 * The one place that decides who may do what.
 *
 * @param repository key of the repository; null for what belongs to the cluster as a whole
 * @param path       path inside the repository; null for the repository itself
 * @throws AUTHENTICATION_REQUIRED when somebody who is logged in might, FORBIDDEN when this user may not
 */
export function authorize(principal: Principal, action: Action, repository: string | null, path: string | null): void {
  if (repository === trashRepositoryKey) requireTrashAccess(principal, action);
  if (allowed[principal.role].has(action)) return;
  if (principal.role === 'anonymous') throw new BulkheadError('AUTHENTICATION_REQUIRED');
  const where = repository === null ? '' : ` in ${repository}${path === null ? '' : `/${path}`}`;
  throw new BulkheadError('FORBIDDEN', `${principal.name} (${principal.role}) may not ${action}${where}`);
}

/** For calls that belong to administrators. */
export function requireAdmin(principal: Principal): void {
  authorize(principal, 'manage', null, null);
}

/** For calls that need a login even where anonymous read is on. */
export function requireLogin(principal: Principal): void {
  if (principal.role === 'anonymous') throw new BulkheadError('AUTHENTICATION_REQUIRED');
}
