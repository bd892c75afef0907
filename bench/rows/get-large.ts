import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../../test/harness/temporary-folder.ts';
import { against, alone, alternate } from '../framework/rounds.ts';
import type { Row } from '../framework/row.ts';
import { transfer, type Transfer } from '../load/curl.ts';
import { load, type Load } from '../load/index.ts';
import { startDockerRegistry } from '../peers/docker-registry.ts';
import { startNginx } from '../peers/nginx.ts';
import { startOurs } from '../peers/ours.ts';
import type { Ask } from './hot.ts';

const mib = 2 ** 20;

interface Large { readonly ours: Ask; readonly nginx: Ask; readonly 'docker-registry': Ask }

/** Blobs of this size are never kept in a node's memory: each GET reads the filestore. The page cache of the system is warm for all three. */
export const getLarge: Row = {
  name: 'get-large',
  title: 'GET 10 MB and 1 GB, which a node does not keep in memory',
  run: async (pace) => {
    await using ours = await startOurs();
    await using nginx = await startNginx();
    await using registry = await startDockerRegistry();
    await using folder = await temporaryFolder('large');
    await ours.repository('bench-generic', 'generic');
    const put = async (name: string, content: Buffer): Promise<Large> => {
      await nginx.put(name, content);
      const file = join(folder.path, name);
      await writeFile(file, content);
      const answer = await ours.client.request(`/bench-generic/${name}`, { method: 'PUT', body: createReadStream(file) });
      if (answer.status !== 201) throw new Error(`our node did not take ${name}: ${answer.text()}`);
      return {
        ours: { url: `${ours.url}/bench-generic/${name}`, headers: ours.headers, pid: ours.pid },
        nginx: { url: `${nginx.url}/${name}`, pid: nginx.pid },
        'docker-registry': { url: `${registry.url}${await registry.push(content)}`, pid: registry.pid },
      };
    };
    const ten = await put('10m.bin', randomBytes(10 * mib));
    const whole = await put('1g.bin', randomBytes((pace.quick ? 64 : 1024) * mib));
    const slice = (ask: Ask) => (): Promise<Load> => load({ ...ask, connections: 8, seconds: pace.seconds * 2 });
    const small = await alternate({ ours: slice(ten.ours), nginx: slice(ten.nginx), 'docker-registry': slice(ten['docker-registry']) }, pace.rounds);
    const once = (ask: Ask) => (): Promise<Transfer> => transfer(ask);
    const large = await alternate({ ours: once(whole.ours), nginx: once(whole.nginx), 'docker-registry': once(whole['docker-registry']) }, Math.min(pace.rounds, 5));
    const speed = (values: readonly { readonly bytesPerSecond: number }[]): number[] => values.map(({ bytesPerSecond }) => bytesPerSecond / mib);
    const worth = (values: readonly Transfer[]): number[] => values.map(({ cpuMicrosPerMiB }) => 1e6 / cpuMicrosPerMiB);
    return {
      figures: [
        against('10 MB, eight at a time, against nginx', 'MiB/s', speed(small.ours), 'nginx', speed(small.nginx), { sense: 'at least', value: 0.75 }),
        against('10 MB, eight at a time, against docker-registry', 'MiB/s', speed(small.ours), 'docker-registry', speed(small['docker-registry']), { sense: 'at least', value: 1 }),
        against('1 GB, one at a time, against nginx', 'MiB/s', speed(large.ours), 'nginx', speed(large.nginx), { sense: 'at least', value: 0.75 }),
        against('1 GB, one at a time, against docker-registry', 'MiB/s', speed(large.ours), 'docker-registry', speed(large['docker-registry']), { sense: 'at least', value: 1 }),
        against('1 GB, for a second of processor time, against nginx', 'MiB/cpu s', worth(large.ours), 'nginx', worth(large.nginx), null),
        alone('memory beyond what it was, during a GET of 1 GB', 'MiB', large.ours.map(({ memoryGrowth }) => memoryGrowth / mib), { sense: 'at most', value: 64 }),
      ],
      notes: pace.quick ? ['In a short run 1 GB is 64 MB.'] : [],
    };
  },
};
