import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/** A refused client gets this long to read its answer while it still sends. */
const longestMs = 10_000;
/** After so long without another byte it is gone. */
const silenceMs = 2000;

/**
 * Lets clients read why their body was refused before it was read. A connection that is simply closed then is reset by what still arrives, and with it goes the
 * answer: the client sees a broken pipe and no reason. So only our side is closed, and what comes is thrown away until the client has closed too (RFC 9112, 9.6).
 */
export function lingerBehindRefusals(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, _payload, done) => {
    if (!request.raw.complete && reply.getHeader('connection') === 'close') linger(request.raw.socket);
    done();
  });
}

/** Node.js ends a connection after its last answer with `destroySoon`. */
function linger(socket: Socket): void {
  socket.destroySoon = () => {
    const over = (): void => { socket.destroy(); };
    const limit = setTimeout(over, longestMs).unref();
    socket.once('close', () => { clearTimeout(limit); });
    socket.once('end', over);
    socket.setTimeout(silenceMs, over);
    socket.end();
  };
}
