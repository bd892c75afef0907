import type { FastifyInstance } from 'fastify';
import type { NodeContext } from '../node/context.ts';

import 'fastify';

/**
 * Adds routes to a Fastify instance of its own (hooks and content-type parsers that it sets stay within it).
 * Addresses are complete, for example `/artifactory/api/system/ping`; `/api/…` is made to be the same in `http/server.ts`.
 */
export type RouteModule = (app: FastifyInstance, context: NodeContext) => void | Promise<void>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `public`: answered without a login, and `request.principal` is not to be relied on; `optional`: credentials are looked at when there are some, else the
     *  principal is `nobody`, whatever anonymous read says. Default: `login`. */
    access?: 'public' | 'optional' | 'login';
    /** answered always: while starting, draining, over capacity and without database */
    always?: boolean;
    /** stands for "no such address"; answered with 404 or 405 before anything else is looked at */
    unrouted?: boolean;
  }
}
