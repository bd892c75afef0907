import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { DemoDescription, DemoOptions, DemoPlan } from '../../contract/index.ts';
import { askAnyNode } from '../node-api/index.ts';
import { databaseName } from './configs.ts';
import { readAdmin } from './credentials.ts';
import type { DemoContext } from './demo-context.ts';
import { readLayout, nodeUrl } from './layout.ts';
import { isPortFree } from './ports.ts';
import { demoSizing, neededDiskBytes } from './sizing.ts';

/** Where everything is, while it runs. Throws DEMO_NOT_RUNNING. `master` is null when no node can name one. */
export async function describeCluster({ folder, parts, access, environment }: DemoContext): Promise<DemoDescription> {
  const layout = await readLayout(folder);
  const admin = await readAdmin(folder);
  const processes = (await parts.registry.see()).filter((seen) => seen.condition !== 'stopped');
  if (layout === null || admin === null || processes.length === 0) throw new BulkheadError('DEMO_NOT_RUNNING');
  const master = await askAnyNode(access, environment.agent, (node) => node.view()).then((view) => view.master, () => null);
  return {
    balancer: nodeUrl(layout.balancer),
    nodes: layout.nodes.map((node) => ({
      nodeId: node.nodeId, url: nodeUrl(node), pid: processes.find((seen) => seen.name === node.nodeId)?.pid ?? null,
    })),
    master: master === null ? null : { nodeId: master.nodeId, epoch: master.epoch },
    database: { host: '127.0.0.1', port: layout.database.port, name: databaseName },
    admin,
  };
}

/** What a start would do; changes nothing. */
export async function planCluster({ folder, parts }: DemoContext, options: DemoOptions): Promise<DemoPlan> {
  const layout = await readLayout(folder).catch(() => null);
  const warnings = await planWarnings(folder.path, options, (await parts.registry.see()).some((seen) => seen.condition !== 'stopped'));
  const known = layout?.nodes.slice(0, options.nodes) ?? [];
  const firstNew = layout?.nextNode ?? 1;
  const nodes = [...known.map((node) => node.nodeId), ...Array.from({ length: options.nodes - known.length }, (_, index) => `node-${firstNew + index}`)];
  const address = (port: number | undefined): string => (port === undefined ? '127.0.0.1, a free port' : `127.0.0.1:${port}`);
  return {
    dataDir: folder.path,
    exists: layout?.created ?? false,
    parts: [
      { kind: 'balancer', name: 'Balancer', address: options.port === 0 ? address(undefined) : address(options.port), detail: 'Sticky, checks each node every 250 ms' },
      ...nodes.map((nodeId) => ({
        kind: 'node' as const, name: nodeId, address: address(known.find((node) => node.nodeId === nodeId)?.port),
        detail: `Pool of ${demoSizing.poolMin} to ${demoSizing.poolMax} database connections`,
      })),
      { kind: 'database', name: 'PostgreSQL', address: address(layout?.database.port), detail: `Its own server, max_connections ${demoSizing.maxConnections}` },
      { kind: 'filestore', name: 'Filestore', address: folder.filestore, detail: 'A folder that all nodes share' },
    ],
    warnings,
  };
}

async function planWarnings(path: string, options: DemoOptions, runs: boolean): Promise<string[]> {
  const warnings: string[] = [];
  if (!runs && options.port !== 0 && !(await isPortFree(options.port))) warnings.push(`Port ${options.port} is taken by another program.`);
  const { bavail, bsize } = await nearestExisting(path);
  if (bavail * bsize < neededDiskBytes) warnings.push(`Only ${Math.floor((bavail * bsize) / 1_000_000)} MB are free on the disk of ${path}.`);
  return warnings;
}

async function nearestExisting(path: string): Promise<{ bavail: number; bsize: number }> {
  try {
    return await statfs(path);
  } catch (error) {
    if (dirname(path) === path) throw error;
    return nearestExisting(dirname(path));
  }
}
