import { BulkheadError } from '../../server-bundle/contract/index.ts';
import type { Handlers } from '../contract/index.ts';

type BalancerOperation = Extract<keyof Handlers, `balancers.${string}`>;

/** Balancers in front of clusters on hosts. */
export class BalancerDesk {
  readonly handlers: Pick<Handlers, BalancerOperation>;

  constructor() {
    const later = (): never => { throw new BulkheadError('NOT_SUPPORTED', 'Balancers are not there yet'); };
    this.handlers = {
      'balancers.render': later,
      'balancers.export': later,
      'balancers.list': later,
      'balancers.assign': later,
      'balancers.preview': later,
      'balancers.plan': later,
      'balancers.apply': later,
      'balancers.undo': later,
      'balancers.remove': later,
      'balancers.status': later,
      'balancers.follow': later,
    };
  }
}
