import type { FastifyInstance } from 'fastify';
import { BulkheadError } from '../contract/index.ts';
import type { InFlight, NodeContext } from '../node/context.ts';
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
 * Whether a client's next request is one too many. Beyond the limit, whoever has little under way is still let in, up to twice the limit: a client that fills
 * all places (answers that it does not read, say) sheds its own requests and not those of everybody else.
 */
export function isFull(inFlight: InFlight, maxInFlight: number, client: string): boolean {
  if (inFlight.count < maxInFlight) return false;
  return inFlight.count >= 2 * maxInFlight || inFlight.of(client) >= Math.max(1, maxInFlight / 16);
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
    if (isFull(runtime.inFlight, maxInFlight, request.clientAddress)) throw new BulkheadError('OVERLOADED');
    reply.raw.once('close', runtime.inFlight.enter(request.clientAddress));
    // while it drains: the client's next request finds another node
    if (runtime.state() !== 'serving') void reply.header('connection', 'close');
    done();
  });
}
