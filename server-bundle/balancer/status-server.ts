import { createServer, type Server } from 'node:http';
import type { BalancerStatus } from '../contract/index.ts';

/** Answers `GET /` (any path) with the status as JSON. For loopback: it asks nobody who they are. */
export function statusServer(status: () => BalancerStatus): Server {
  return createServer((request, response) => {
    request.resume();
    // a page in a browser must not reach it under a name that resolves to loopback
    const host = (request.headers.host ?? '').replace(/:\d+$/, '');
    if (!['127.0.0.1', '[::1]', 'localhost'].includes(host)) {
      response.writeHead(403).end();
      return;
    }
    const body = JSON.stringify(status());
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), 'cache-control': 'no-store' });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
}
