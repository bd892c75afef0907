import { BulkheadError } from '../../server-bundle/contract/index.ts';
import type { Handlers } from '../contract/index.ts';

export type UpgradeOperation = Extract<keyof Handlers, `upgrade.${string}` | `maintenance.${string}` | 'nodes.restart' | 'nodes.forget' | 'clusters.adopt'>;

/** Other versions, restarts, maintenance, forgotten hosts, adopted clusters. */
export class UpgradeDesk {
  readonly handlers: Pick<Handlers, UpgradeOperation>;

  constructor() {
    const notYet = (): Promise<never> => Promise.reject(new BulkheadError('NOT_SUPPORTED'));
    this.handlers = {
      'upgrade.plan': notYet,
      'upgrade.start': notYet,
      'upgrade.pause': notYet,
      'upgrade.resume': notYet,
      'upgrade.rollback': notYet,
      'upgrade.list': notYet,
      'upgrade.show': notYet,
      // eslint-disable-next-line require-yield -- nothing to tell yet
      'upgrade.watch': async function* refused() { await notYet(); },
      'nodes.restart': notYet,
      'nodes.forget': notYet,
      'maintenance.start': notYet,
      'maintenance.end': notYet,
      'maintenance.list': notYet,
      'clusters.adopt': notYet,
    };
  }
}
