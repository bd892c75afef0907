import { BulkheadError } from '../../server-bundle/contract/index.ts';
import type { Handlers } from '../contract/index.ts';

export type SupervisionOperation = 'nodes.details' | 'hosts.watch' | 'budget.setGrants';

function notYet(): never {
  throw new BulkheadError('NOT_SUPPORTED');
}

/** What is known of nodes and hosts, live. */
export const supervisionHandlers: Pick<Handlers, SupervisionOperation> = {
  'nodes.details': () => notYet(),
  'hosts.watch': () => notYet(),
  'budget.setGrants': () => notYet(),
};
