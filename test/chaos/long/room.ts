import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { existsSync } from 'node:fs';
import type { TestCluster, TestNode } from '../../harness/cluster.ts';
import { LinkProxy } from '../../harness/link-proxy.ts';
import { buildNextVersion } from '../../harness/next-version.ts';
import { freePort } from '../../harness/free-port.ts';
import { temporaryFolder } from '../../harness/temporary-folder.ts';
import { startChaosCluster } from '../run.ts';

const run = promisify(execFile);
const fakeClock = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';

/** Three nodes with everything around them in the hands of the run: links, ways to the database, share, clocks. */
export interface Room extends AsyncDisposable {
  readonly cluster: TestCluster;
  /** what the other members reach a node by, by nodeId */
  readonly links: ReadonlyMap<string, readonly LinkProxy[]>;
  /** how a node reaches the database, by nodeId: the primary, and its place when it moves */
  readonly databases: ReadonlyMap<string, readonly LinkProxy[]>;
  /** how the balancer reaches a node, by nodeId */
  readonly ways: ReadonlyMap<string, readonly LinkProxy[]>;
  /** The place where the database is not gets its new primary. */
  standbyPorts(port: number): void;
  /** Leads a node to another port instead of the database, until the end; wherever the database is by then, the node finds it. */
  detour(node: TestNode, port: number): () => void;
  /** Starts a node, without waiting for it. @param bundle another version, from now on */
  start(node: TestNode, bundle?: string): Promise<void>;
  /** Bundle of the version that a node does not run. */
  otherVersion(node: TestNode): string;
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
    const ways = new Map<string, LinkProxy[]>();
    /** where the database is, and where it will be when it moves, in the order of the nodes' proxies */
    const places: number[] = [];
    const detours = new Map<string, number>();
    const lead = (nodeId: string): void => {
      databases.get(nodeId)?.forEach((proxy, index) => {
        const port = detours.get(nodeId) ?? places[index] ?? 0;
        if (proxy.target !== port) proxy.redirect(port);
      });
    };
    const databases = new Map<string, LinkProxy[]>();
    const linkOf = new Map<string, LinkProxy[]>();
    const next = join(folder.path, 'next.cjs');
    const nodeConfig: Record<string, Record<string, unknown>> = {};
    const clocks = existsSync(fakeClock);
    const clockFile = (nodeId: string): string => join(folder.path, `${nodeId}.clock`);
    const setClock = (nodeId: string, seconds: number): Promise<void> => writeFile(clockFile(nodeId), `${seconds < 0 ? '' : '+'}${String(seconds)}s\n`);
    const cluster = clean.use(await startChaosCluster({
      nodeConfig, start: false,
      config: { log: { requests: false }, tasks: { gc: { intervalMinutes: 1 / 6, graceSeconds: 0, deleteAfterSeconds: 0 } } },
      ...(share === null ? {} : { filestore: join(share, 'filestore') }),
      database: async (postgres) => {
        places.push(postgres.port, await freePort());
        for (const nodeId of nodeIds) {
          const proxies = await Promise.all(places.map(async (port) => clean.use(await LinkProxy.to(port))));
          databases.set(nodeId, proxies);
          nodeConfig[nodeId] = { database: { host: proxies.map(({ port }) => `127.0.0.1:${String(port)}`).join(',') } };
        }
        return {};
      },
      ...(links ? { advertise: async (nodeId: string, port: number) => {
        const link = clean.use(await LinkProxy.to(port));
        linkOf.set(nodeId, [link]);
        return link.url;
      } } : {}),
      balancerWay: async (nodeId: string, port: number) => {
        const [way = clean.use(await LinkProxy.to(port))] = ways.get(nodeId) ?? [];
        ways.set(nodeId, [way]);
        return way.url;
      },
    }));
    const startAs = (node: TestNode, wait: boolean, bundle?: string): Promise<void> =>
      node.start({ wait, env: envOf(clocks ? clockFile(node.nodeId) : null), ...(bundle === undefined ? {} : { bundle }) });
    for (const node of cluster.nodes) {
      await setClock(node.nodeId, 0);
      await startAs(node, true);
    }
    await cluster.untilServing(undefined, { timeoutMs: 60_000 });
    await cluster.balancer.start();
    const made = await cluster.nodes[0]?.client.put('/api/repositories/npm-local', JSON.stringify({ rclass: 'local', packageType: 'npm' }), { headers: { 'content-type': 'application/json' } });
    if (made?.status !== 200) throw new Error(`the repository for npm could not be made: ${made?.text() ?? ''}`);
    await buildNextVersion(next, { version: '0.2.0' });
    const upgraded = new Set<string>();
    const kept = clean.move();
    return {
      start: (node, bundle) => startAs(node, false, bundle),
      otherVersion: ({ nodeId }) => {
        if (upgraded.delete(nodeId)) return cluster.bundle;
        upgraded.add(nodeId);
        return next;
      },
      standbyPorts: (port) => {
        places[places[0] === cluster.postgres.port ? 1 : 0] = port;
        nodeIds.forEach(lead);
      },
      detour: ({ nodeId }, port) => {
        detours.set(nodeId, port);
        lead(nodeId);
        return () => {
          detours.delete(nodeId);
          lead(nodeId);
        };
      },
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
