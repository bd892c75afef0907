import type { CallContext, Handlers, RunSummary } from '../contract/index.ts';
import type { Balancers } from './balancer/index.ts';

type BalancerOperation = Extract<keyof Handlers, `balancers.${string}`>;

/** Balancers in front of clusters on hosts. */
export class BalancerDesk {
  readonly handlers: Pick<Handlers, BalancerOperation>;

  /** @param untilEnd lets the room wait for what is under way before it closes, and cancels it then */
  constructor(balancers: Balancers, untilEnd: <T>(context: CallContext, work: (asked: { signal: AbortSignal; caller: string }) => Promise<T>) => Promise<T>) {
    this.handlers = {
      'balancers.render': async ({ clusterId, product, options }) => balancers.render(clusterId, product, options),
      'balancers.export': async ({ clusterId, product, options }) => ({ files: balancers.export(clusterId, product, options) }),
      'balancers.list': async ({ clusterId }) => balancers.list(clusterId),
      'balancers.assign': ({ clusterId, hostId, product, options }) => balancers.assign(clusterId, hostId, product, options),
      'balancers.preview': ({ balancerId }, { signal }) => balancers.preview(balancerId, signal),
      'balancers.plan': async (asked) => ('balancerId' in asked ? balancers.plan(asked.balancerId) : balancers.planFor(asked.clusterId, asked)),
      'balancers.apply': ({ balancerId }, context) => untilEnd(context, (asked) => balancers.apply(balancerId, asked)),
      'balancers.undo': ({ balancerId }, context) => untilEnd(context, (asked) => balancers.undo(balancerId, asked)),
      'balancers.remove': ({ balancerId, hostGone }, context) => untilEnd<RunSummary | null>(context, (asked) => balancers.remove(balancerId, hostGone, asked)),
      'balancers.status': ({ balancerId }, { signal }) => balancers.status(balancerId, signal),
      'balancers.uninformed': ({ clusterId }) => balancers.uninformed(clusterId),
      'balancers.follow': ({ clusterId }, context) => untilEnd(context, (asked) => balancers.follow(clusterId, {}, asked)),
    };
  }
}
