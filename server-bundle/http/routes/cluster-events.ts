import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ClusterEventFeed } from '../../node/runtime-options.ts';

const keepAliveMs = 10_000;
/** A reader that leaves this much unread is cut off; it comes back with its Last-Event-ID. */
const longestBacklog = 1024 * 1024;

/**
 * Answers with server-sent events (WHATWG HTML, section 9.2) until the reader goes. `Last-Event-ID` is honoured; what has been
 * pruned meanwhile is told first, as an event named "gap".
 */
export function streamEvents(feed: ClusterEventFeed, request: FastifyRequest, reply: FastifyReply, after: number | null): void {
  reply.hijack();
  const out = reply.raw;
  const ended = new AbortController();
  out.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  const write = (text: string): void => {
    if (ended.signal.aborted) return;
    out.write(text);
    if (out.writableLength > longestBacklog) out.destroy();
  };
  write('retry: 1000\n\n');
  const keepAlive = setInterval(() => { write(': \n\n'); }, keepAliveMs);
  out.once('close', () => {
    clearInterval(keepAlive);
    ended.abort();
  });
  const sink = {
    event: (event: { readonly seq: number; readonly type: string }): void => {
      write(`id: ${String(event.seq)}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    },
    gap: (from: number, to: number): void => { write(`event: gap\ndata: ${JSON.stringify({ from, to })}\n\n`); },
  };
  feed.subscribe(lastEventId(request) ?? after, sink, ended.signal);
}

function lastEventId(request: FastifyRequest): number | null {
  const given = request.headers['last-event-id'];
  return typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : null;
}
