import { join } from 'node:path';
import { freePort } from '../../test/harness/free-port.ts';
import { temporaryFolder } from '../../test/harness/temporary-folder.ts';
import { startPeer, type Peer } from './peer.ts';

/** node:http by itself, on the Node.js that this runs on. @param bytes of each answer */
export async function startBareNode(bytes: number): Promise<Peer> {
  const folder = await temporaryFolder('bare-http');
  const port = await freePort();
  const url = `http://127.0.0.1:${String(port)}`;
  const server = await startPeer({ command: process.execPath, args: [join(import.meta.dirname, 'bare-http.ts'), String(port), String(bytes)], folder: folder.path, url });
  return { url, pid: server.pid, [Symbol.asyncDispose]: async () => { await server.stop(); await folder.remove(); } };
}
