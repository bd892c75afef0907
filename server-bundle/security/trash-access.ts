import { BulkheadError } from '../contract/index.ts';
import type { Action, Principal } from './principal.ts';

export { trashRepositoryKey } from '../metadata/repositories.ts';

/**
 * The trash can is for administrators, who look into it and delete from it for good. What goes in goes by a delete, what comes out by a restore.
 * @throws AUTHENTICATION_REQUIRED, FORBIDDEN
 */
export function requireTrashAccess(principal: Principal, action: Action): void {
  if (principal.role === 'anonymous') throw new BulkheadError('AUTHENTICATION_REQUIRED');
  if (principal.role !== 'admin') throw new BulkheadError('FORBIDDEN', 'The trash can is for administrators');
  if (action !== 'read' && action !== 'delete') {
    throw new BulkheadError('FORBIDDEN', 'Nothing is put into the trash can or changed in it', { hint: 'Take things out with POST /artifactory/api/trash/restore/{repository}/{path}.' });
  }
}
