import type { FastifyInstance } from 'fastify';
import { BulkheadError } from '../contract/index.ts';
import type { NodeContext } from '../node/context.ts';
import { isTrial } from './trial.ts';

/** Why this node takes no requests now. */
function refusal(context: NodeContext): BulkheadError {
  switch (context.runtime.state()) {
    case 'no-database': return new BulkheadError('DATABASE_UNAVAILABLE');
    case 'draining': case 'drained': case 'stopped': return new BulkheadError('DRAINING');
    default: return new BulkheadError('NOT_SERVING');
  }
}

/**
 * Takes a request, or sheds it: 503 when the node cannot serve at all, 429 above `http.maxInFlight` (balancers do not
 * carry a 429 to the neighbours). Routes with `always` are taken in any case and not counted.
 */
export function admit(app: FastifyInstance, context: NodeContext): void {
  const { runtime, config: { http: { maxInFlight } } } = context;
  app.addHook('onRequest', (request, reply, done) => {
    if (request.routeOptions.config.always === true) {
      done();
      return;
    }
    if (!runtime.takesRequests() && !isTrial(request, runtime)) throw refusal(context);
    if (runtime.inFlight.count >= maxInFlight) throw new BulkheadError('OVERLOADED');
    reply.raw.once('close', runtime.inFlight.enter());
    // while it drains: the client's next request finds another node
    if (runtime.state() !== 'serving') void reply.header('connection', 'close');
    done();
  });
}
