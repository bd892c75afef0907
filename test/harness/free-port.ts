import { randomInt } from 'node:crypto';
import { createServer, type Server } from 'node:net';

/** Below what systems take for outgoing connections (from 32768 on Linux, 49152 elsewhere): none of those can be given a port before it is used. */
const range = { from: 12_000, to: 32_000 } as const;
/** Claims of this process, which last as long as it does. */
const claimed = new Map<number, Server | undefined>();

/**
 * A TCP port on loopback that nobody listens on now, and that no other caller gets: neither of this process nor, on Linux, of another one of
 * the tests. A program that is no test may still take it.
 */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = randomInt(range.from, range.to);
    if (claimed.has(port)) continue;
    claimed.set(port, undefined);
    const claim = process.platform === 'linux' ? await listening({ path: `\0bulkhead-test-port-${String(port)}` }) : undefined;
    if (claim === null) continue;
    claim?.unref();
    claimed.set(port, claim);
    const trial = await listening({ host, port });
    if (trial === null) continue;
    await new Promise((resolve) => { trial.close(resolve); });
    return port;
  }
}

/** Null when somebody else listens there. */
function listening(where: { readonly path: string } | { readonly host: string; readonly port: number }): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(null);
      else reject(error);
    });
    server.listen(where, () => { resolve(server); });
  });
}
