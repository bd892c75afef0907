import { backlog } from '../backlog.ts';
import { BulkheadError } from '../contract/index.ts';

/** What of a server is needed here. */
export interface Listening {
  listen(options: { host: string; port: number; backlog: number }): Promise<unknown>;
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

/**
 * Listens where the configuration says. `::` stands for every address: IPv4 alone where the kernel of the host knows no IPv6.
 * @throws PORT_IN_USE
 */
export async function listenOn(server: Listening, { host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  try {
    await server.listen({ host, port, backlog });
  } catch (error) {
    const code = codeOf(error);
    if (host === '::' && code === 'EAFNOSUPPORT') return listenOn(server, { host: '0.0.0.0', port });
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    throw new BulkheadError('PORT_IN_USE', `${host}:${String(port)} cannot be listened on (${code})`, { cause: error });
  }
}
