import { createServer } from 'node:net';

/** Ports given out by this process: two callers at once never get the same one. */
const given = new Set<number>();

/** A TCP port on loopback that nobody listens on now. Another process can still take it before it is used: retry on EADDRINUSE. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = await askSystem(host);
    if (given.has(port)) continue;
    given.add(port);
    return port;
  }
}

function askSystem(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('the system named no port'));
        else resolve(address.port);
      });
    });
  });
}
