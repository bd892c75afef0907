import type { ServerResponse } from 'node:http';
import type { BulkheadError } from '../contract/index.ts';

/** The shape in which nodes answer errors too. */
export function errorDocument(error: BulkheadError, status = error.status): string {
  const { code, message, hint } = error.toBody();
  return JSON.stringify({ errors: [{ status, code, message, hint }] });
}

/** Answers with an error of the balancer's own; nothing when an answer has begun already. */
export function answerError(response: ServerResponse, error: BulkheadError, headers: Readonly<Record<string, string>> = {}): void {
  if (response.headersSent || response.destroyed) return;
  const body = errorDocument(error);
  response.writeHead(error.status, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), ...headers });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
