import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../test/harness/free-port.ts';
import { temporaryFolder } from '../../test/harness/temporary-folder.ts';
import { filled, startPeer, type Peer } from './peer.ts';

/** A balancer in front of nodes, on the generator's core. */
export async function startHaproxy(nodePorts: readonly number[]): Promise<Peer> {
  const folder = await temporaryFolder('haproxy');
  const port = await freePort();
  const config = join(folder.path, 'haproxy.cfg');
  const servers = nodePorts.map((node, index) => `  server n${String(index + 1)} 127.0.0.1:${String(node)} check inter 1s`).join('\n');
  await writeFile(config, await filled('haproxy.cfg', { port: String(port), servers }));
  const url = `http://127.0.0.1:${String(port)}`;
  const server = await startPeer({ command: 'haproxy', args: ['-db', '-f', config], folder: folder.path, core: 'generator', url });
  return { url, pid: server.pid, [Symbol.asyncDispose]: async () => { await server.stop(); await folder.remove(); } };
}
