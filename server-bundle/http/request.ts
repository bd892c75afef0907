import type { BulkheadError } from '../contract/index.ts';
import type { Principal } from '../security/principal.ts';

import 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** set by the authentication hook before any handler runs */
    principal: Principal;
    /** the client's address, through trusted proxies only */
    clientAddress: string;
    /**
     * Key under which a commit records its answer, made of the balancer's request id (trusted proxies only), principal, method
     * and path; null when the request came without one. See `metadata/request-results.ts`.
     */
    replayKey: string | null;
    /** who logs in by the body of the request, where a protocol has it there; null for everybody who shows who they are in its headers */
    loginAs: string | null;
    /** what the request was answered with when it failed; for its one log line */
    failure: BulkheadError | null;
  }
}
