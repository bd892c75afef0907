import { connect, createServer } from 'node:net';

export interface Hold {
  release(): void;
}

/**
 * Undefined when another process holds the name. It is held as a socket that has a name and no file: two can never
 * have it, and with the process that has it, it is gone.
 */
export async function tryToHold(name: string): Promise<Hold | undefined> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(`process ${process.pid}`);
  });
  server.unref();
  const listening = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen(`\0${name}`, () => { resolve(true); });
  });
  return listening ? { release: () => { server.close(); } } : undefined;
}

/** Who says that the name is theirs. */
export function holderOf(name: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ path: `\0${name}` });
    let said = '';
    socket.setTimeout(1000, () => { socket.destroy(); });
    socket.on('data', (chunk) => { said += chunk.toString(); });
    socket.on('error', () => undefined);
    socket.on('close', () => { resolve(said === '' ? 'nobody who answers' : said); });
  });
}
