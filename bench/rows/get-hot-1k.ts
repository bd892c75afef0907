import { randomBytes } from 'node:crypto';
import { npmTarball, publishBody } from '../../test/harness/npm-packages.ts';
import type { Row } from '../framework/row.ts';
import { startBareNode } from '../peers/bare-node.ts';
import { startDockerRegistry } from '../peers/docker-registry.ts';
import { startNginx } from '../peers/nginx.ts';
import { startOurs } from '../peers/ours.ts';
import { startVerdaccio } from '../peers/verdaccio.ts';
import { deployed, noteOf, rateFigures, slices } from './hot.ts';

export const getHot1k: Row = {
  name: 'get-1k',
  title: 'GET 1 KB, hot, with login and permission check',
  run: async (pace) => {
    const content = randomBytes(1024);
    await using ours = await startOurs();
    await using nginx = await startNginx();
    await using registry = await startDockerRegistry();
    await using bare = await startBareNode(content.length);
    await using verdaccio = await startVerdaccio();
    await nginx.put('file.bin', content);
    const manifest = { name: 'bench', version: '1.0.0' };
    await verdaccio.publish('bench', publishBody(manifest, npmTarball(manifest, { 'data.txt': randomBytes(400).toString('hex') })));
    const seen = await slices({
      ours: await deployed(ours, 'file.bin', content),
      nginx: { url: `${nginx.url}/file.bin`, pid: nginx.pid },
      'docker-registry': { url: `${registry.url}${await registry.push(content)}`, pid: registry.pid },
      Verdaccio: { url: `${verdaccio.url}/bench/-/bench-1.0.0.tgz`, pid: verdaccio.pid },
      'node:http': bare,
    }, pace);
    return {
      figures: [
        ...rateFigures('static file', seen.ours, 'nginx', seen.nginx, { sense: 'at least', value: 0.4 }),
        ...rateFigures('blob', seen.ours, 'docker-registry', seen['docker-registry'], { sense: 'at least', value: 40 }),
        ...rateFigures('tarball', seen.ours, 'Verdaccio', seen.Verdaccio, { sense: 'at least', value: 15 }),
        ...rateFigures('the same bytes and nothing else', seen.ours, 'bare node:http', seen['node:http'], null),
      ],
      notes: [noteOf(seen)],
    };
  },
};
