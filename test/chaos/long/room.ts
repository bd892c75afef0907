import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { existsSync } from 'node:fs';
import type { TestCluster } from '../../harness/cluster.ts';
import { LinkProxy } from '../../harness/link-proxy.ts';
import { temporaryFolder } from '../../harness/temporary-folder.ts';
import { startChaosCluster } from '../run.ts';

const run = promisify(execFile);
const fakeClock = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';

/** Three nodes with everything around them in the hands of the run: links, ways to the database, share, clocks. */
export interface Room extends AsyncDisposable {
  readonly cluster: TestCluster;
  /** what the other members reach a node by, by nodeId */
  readonly links: ReadonlyMap<string, LinkProxy>;
  /** how a node reaches the database, by nodeId */
  readonly databases: ReadonlyMap<string, LinkProxy>;
  /** how the balancer reaches a node, by nodeId */
  readonly ways: ReadonlyMap<string, LinkProxy>;
  /** a filesystem of its own, which can be filled up and made read-only; null without root */
  readonly share: string | null;
  /** whether the share can be made to stand still: it is on a disk image */
  readonly freezable: boolean;
  /** Sets the wall clock of a node so many seconds ahead of the machine's; null without libfaketime. */
  readonly setClock: ((nodeId: string, seconds: number) => Promise<void>) | null;
}

const nodeIds = ['n1', 'n2', 'n3'] as const;
/** Of the share: enough for a round, quick to fill up. */
const shareMiB = 192;

/** @param links false: nodes know each other by their own ports, so that a killed one is noticed by its port */
export async function openRoom(links: boolean): Promise<Room> {
  const clean = new AsyncDisposableStack();
  try {
    const folder = clean.use(await temporaryFolder('chaos'));
    let freezable = false;
    const share = process.getuid?.() === 0 ? join(folder.path, 'share') : null;
    if (share !== null) {
      await run('mkdir', [share]);
      freezable = await mountImage(join(folder.path, 'share.img'), share);
      if (!freezable) await run('mount', ['-t', 'tmpfs', '-o', `size=${String(shareMiB)}m`, 'tmpfs', share]);
      clean.defer(async () => { await run('umount', ['-l', share]); });
    }
    const ways = new Map<string, LinkProxy>();
    const databases = new Map<string, LinkProxy>();
    const linkOf = new Map<string, LinkProxy>();
    const nodeConfig: Record<string, Record<string, unknown>> = {};
    const clocks = existsSync(fakeClock);
    const clockFile = (nodeId: string): string => join(folder.path, `${nodeId}.clock`);
    const setClock = (nodeId: string, seconds: number): Promise<void> => writeFile(clockFile(nodeId), `${seconds < 0 ? '' : '+'}${String(seconds)}s\n`);
    const cluster = clean.use(await startChaosCluster({
      nodeConfig, start: false,
      config: { log: { requests: false }, tasks: { gc: { intervalMinutes: 1 / 6, graceSeconds: 0, deleteAfterSeconds: 0 } } },
      ...(share === null ? {} : { filestore: join(share, 'filestore') }),
      database: async (postgres) => {
        for (const nodeId of nodeIds) {
          const proxy = clean.use(await LinkProxy.to(postgres.port));
          databases.set(nodeId, proxy);
          nodeConfig[nodeId] = { database: { port: proxy.port } };
        }
        return {};
      },
      ...(links ? { advertise: async (nodeId: string, port: number) => {
        const link = clean.use(await LinkProxy.to(port));
        linkOf.set(nodeId, link);
        return link.url;
      } } : {}),
      balancerWay: async (nodeId: string, port: number) => {
        const way = ways.get(nodeId) ?? clean.use(await LinkProxy.to(port));
        ways.set(nodeId, way);
        return way.url;
      },
    }));
    for (const node of cluster.nodes) {
      await setClock(node.nodeId, 0);
      await node.start({ env: envOf(clocks ? clockFile(node.nodeId) : null) });
    }
    await cluster.untilServing(undefined, { timeoutMs: 60_000 });
    await cluster.balancer.start();
    const made = await cluster.nodes[0]?.client.put('/api/repositories/npm-local', JSON.stringify({ rclass: 'local', packageType: 'npm' }), { headers: { 'content-type': 'application/json' } });
    if (made?.status !== 200) throw new Error(`the repository for npm could not be made: ${made?.text() ?? ''}`);
    const kept = clean.move();
    return {
      cluster, links: linkOf, databases, ways, share, freezable, setClock: clocks ? setClock : null,
      [Symbol.asyncDispose]: () => kept.disposeAsync(),
    };
  } catch (error) {
    await clean.disposeAsync();
    throw error;
  }
}

/** @returns false where a machine lets nobody mount a file, as in many containers */
async function mountImage(image: string, at: string): Promise<boolean> {
  try {
    await run('truncate', ['-s', `${String(shareMiB)}M`, image]);
    await run('mkfs.ext4', ['-q', '-F', image]);
    await run('mount', ['-o', 'loop', image, at]);
    return true;
  } catch {
    return false;
  }
}

/** The wall clock only: a machine's monotonic clock does not jump. */
function envOf(clockFile: string | null): Record<string, string> {
  return clockFile === null ? {} : {
    LD_PRELOAD: fakeClock, FAKETIME_TIMESTAMP_FILE: clockFile, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1',
  };
}
