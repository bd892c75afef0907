import type { FastifyRequest } from 'fastify';
import type { NodeRuntime } from '../node/context.ts';

/** Sent by whoever tries a drained node before clients get it back. */
export const trialHeader = 'x-bulkhead-trial';

/** A request that a drained node takes although clients are refused; only an administrator's goes further than this. */
export function isTrial({ headers }: Pick<FastifyRequest, 'headers'>, runtime: Pick<NodeRuntime, 'state'>): boolean {
  return headers[trialHeader] === '1' && runtime.state() === 'drained';
}
