import type { Duplex } from 'node:stream';

/**
 * Answers an upgrade that leads nowhere. HTTP has let go of its socket by then: a client that resets it would end this process, one that never closes
 * its side would keep it open for good.
 */
export function refuseUpgrade(socket: Duplex): void {
  socket.on('error', () => socket.destroy());
  socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n', () => socket.destroy());
}
