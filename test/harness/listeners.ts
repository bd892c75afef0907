import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Inodes of the sockets that listen on a TCP port of this machine, IPv4 and IPv6. Linux only. */
function listeningSockets(port: number): Set<string> {
  const sockets = new Set<string>();
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readFileSync(table, 'latin1').split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      // 0A is LISTEN
      if (state === '0A' && Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16) === port) sockets.add(`socket:[${inode}]`);
    }
  }
  return sockets;
}

/** Which of these processes hold a socket that listens on the port; one that ends meanwhile does not. */
export function listenersAmong(pids: readonly number[], port: number): number[] {
  const sockets = listeningSockets(port);
  return pids.filter((pid) => {
    try {
      return readdirSync(`/proc/${String(pid)}/fd`).some((descriptor) => sockets.has(linkOf(pid, descriptor)));
    } catch {
      return false;
    }
  });
}

function linkOf(pid: number, descriptor: string): string {
  try {
    return readlinkSync(`/proc/${String(pid)}/fd/${descriptor}`);
  } catch {
    // closed since the folder was read
    return '';
  }
}
