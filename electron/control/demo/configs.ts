import { mkdir } from 'node:fs/promises';
import { stringify } from 'yaml';
import type { DemoSecrets } from './credentials.ts';
import type { DemoFolder } from './folder.ts';
import { nodeUrl, type DemoLayout } from './layout.ts';
import { writeAtomically } from './process/index.ts';
import { demoSizing } from './sizing.ts';

/** The node's configuration file, as far as the demo sets it; everything else is the node's default. */
export interface DemoNodeConfig {
  readonly node: { readonly id: string; readonly url: string; readonly listen: { readonly host: string; readonly port: number } };
  readonly cluster: { readonly name: string; readonly keyFile: string };
  readonly baseUrl: string;
  readonly database: {
    readonly host: string; readonly port: number; readonly name: string; readonly user: string; readonly passwordFile: string;
    readonly pool: { readonly min: number; readonly max: number }; readonly keepForOthers: number;
  };
  readonly filestore: { readonly path: string };
  readonly http: { readonly trustedProxies: readonly string[] };
  readonly timing: { readonly drainNoticeMs: number; readonly drainDeadlineMs: number };
  readonly tasks: { readonly gc: { readonly graceSeconds: number } };
  readonly alerts: { readonly allowAddresses: readonly string[] };
}

/** The embedded balancer's configuration file. */
export interface DemoBalancerConfig {
  readonly listen: { readonly host: string; readonly port: number };
  readonly status: { readonly host: '127.0.0.1'; readonly port: number };
  readonly backends: readonly { readonly nodeId: string; readonly url: string }[];
  readonly health: { readonly intervalMs: number };
  readonly limits: { readonly stopDeadlineMs: number };
}

export const databaseName = 'bulkhead';
export const databaseRole = 'bulkhead';

export function nodeConfig(folder: DemoFolder, layout: DemoLayout, node: { nodeId: string; port: number }, secrets: DemoSecrets): DemoNodeConfig {
  return {
    node: { id: node.nodeId, url: nodeUrl(node), listen: { host: '127.0.0.1', port: node.port } },
    cluster: { name: 'demo', keyFile: secrets.clusterKeyFile },
    baseUrl: `http://127.0.0.1:${layout.balancer.port}`,
    database: {
      host: '127.0.0.1', port: layout.database.port, name: databaseName, user: databaseRole, passwordFile: secrets.databasePasswordFile,
      pool: { min: demoSizing.poolMin, max: demoSizing.poolMax }, keepForOthers: demoSizing.keepForOthers,
    },
    filestore: { path: folder.filestore },
    // the balancer is on this machine; nothing else can reach the node
    http: { trustedProxies: ['127.0.0.1'] },
    // twice the balancer's interval of looking: it notices a drain before the node refuses
    timing: { drainNoticeMs: 1000, drainDeadlineMs: 20_000 },
    tasks: { gc: { graceSeconds: 600 } },
    // whoever tries webhooks with the demo has the receiver on this machine as well
    alerts: { allowAddresses: ['127.0.0.0/8', '::1'] },
  };
}

export function balancerConfig(layout: DemoLayout): DemoBalancerConfig {
  return {
    listen: { host: '127.0.0.1', port: layout.balancer.port },
    status: { host: '127.0.0.1', port: layout.balancer.statusPort },
    backends: layout.nodes.map((node) => ({ nodeId: node.nodeId, url: nodeUrl(node) })),
    health: { intervalMs: 250 },
    limits: { stopDeadlineMs: 5000 },
  };
}

/** Writes the configurations of all nodes and of the balancer; a running balancer takes its new one by itself. */
export async function writeConfigs(folder: DemoFolder, layout: DemoLayout, secrets: DemoSecrets): Promise<void> {
  await mkdir(folder.configs, { recursive: true, mode: 0o700 });
  for (const node of layout.nodes) {
    await writeAtomically(folder.configFile(node.nodeId), stringify(nodeConfig(folder, layout, node, secrets)));
  }
  await writeAtomically(folder.configFile('balancer'), stringify(balancerConfig(layout)));
}
