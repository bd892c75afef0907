import { connect } from 'node:net';

/**
 * Whether the host of `url` refuses connections on its port: its kernel says that nobody listens there. A time-out, a host that
 * cannot be reached and an accepted connection all say nothing about the process.
 */
export function portRefuses(url: string, timeoutMs: number): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) });
    const end = (refused: boolean): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(refused);
    };
    const timer = setTimeout(() => { end(false); }, timeoutMs);
    socket.once('connect', () => { end(false); });
    socket.once('error', (error) => { end('code' in error && error.code === 'ECONNREFUSED'); });
  });
}
