import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../test/harness/free-port.ts';
import { temporaryFolder } from '../../test/harness/temporary-folder.ts';
import { filled, startPeer, type Peer } from './peer.ts';

export interface DockerRegistry extends Peer {
  /** Pushes a blob as clients do, POST and then PUT; resolves to its path. */
  push(content: Buffer): Promise<string>;
}

/** Without a password: checking one with bcrypt at every request is what its password file does, and would be most of what is measured. */
export async function startDockerRegistry(): Promise<DockerRegistry> {
  const folder = await temporaryFolder('docker-registry');
  const port = await freePort();
  const config = join(folder.path, 'config.yml');
  await writeFile(config, await filled('docker-registry.yml', { folder: folder.path, port: String(port), secret: randomBytes(16).toString('hex'), auth: '' }));
  const url = `http://127.0.0.1:${String(port)}`;
  const server = await startPeer({ command: 'docker-registry', args: ['serve', config], folder: folder.path, url: `${url}/v2/`, env: { GOMAXPROCS: '1' } });
  return {
    url, pid: server.pid,
    push: async (content) => {
      const begun = await fetch(`${url}/v2/bench/blobs/uploads/`, { method: 'POST' });
      await begun.arrayBuffer();
      const digest = createHash('sha256').update(content).digest('hex');
      const place = begun.headers.get('location');
      if (place === null) throw new Error(`docker-registry has begun no upload: ${String(begun.status)}`);
      const ended = await fetch(`${place}&digest=sha256:${digest}`, { method: 'PUT', body: new Uint8Array(content), headers: { 'content-type': 'application/octet-stream' } });
      if (ended.status !== 201) throw new Error(`docker-registry did not take a blob: ${String(ended.status)} ${await ended.text()}`);
      await ended.arrayBuffer();
      return `/v2/bench/blobs/sha256:${digest}`;
    },
    [Symbol.asyncDispose]: async () => { await server.stop(); await folder.remove(); },
  };
}
