import { z } from 'zod';
import { databaseServers } from '../../server-bundle/contract/index.ts';

const name = z.string().regex(/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/i, 'use letters, digits, "." and "-", at most 63');
/** an absolute path that is the same text in a shell, a unit file and YAML */
const hostPath = z.string().regex(/^(\/[\w.-]+)+$/, 'an absolute path of letters, digits, ".", "_" and "-"');
const databaseName = z.string().min(1).max(63);

/** What all nodes of a LAN cluster share. */
export const lanSettings = z.object({
  name,
  /** public address of the cluster; that of the first node when left out */
  baseUrl: z.url({ protocol: /^https?$/ }).optional(),
  database: z.object({
    /** one server or several, separated by commas */
    host: z.string().min(1).max(1000).refine((text) => databaseServers(text, 5432) !== null, 'name servers as host, host:port or [IPv6]:port, separated by commas'),
    port: z.number().int().min(1).max(65_535).default(5432),
    name: databaseName.default('bulkhead'),
    user: databaseName.default('bulkhead'),
    pool: z.object({ min: z.number().int().min(2), max: z.number().int().min(2) }).strict().default({ min: 5, max: 20 }),
    keepForOthers: z.number().int().min(0).default(5),
  }).strict(),
  filestore: hostPath,
  /** every node listens on this port; below 1024 would need rights that the service does not get */
  nodePort: z.number().int().min(1024).max(65_535).default(8081),
  trustedProxies: z.array(z.string()).default([]),
  /** of the service user, the same on all hosts, because the files on the share belong to a number */
  serviceUid: z.number().int().min(100).max(2_000_000_000).default(8081),
  serviceGid: z.number().int().min(100).max(2_000_000_000).default(8081),
  drainNoticeMs: z.number().int().min(0).max(60_000).default(3000),
  drainDeadlineMs: z.number().int().min(1000).max(3_600_000).default(60_000),
}).strict();
export type LanSettings = z.infer<typeof lanSettings>;

/** What may be chosen for a new cluster. One that is there may hold more: it was read from its hosts. */
export const newSettings = lanSettings.extend({
  name: name.refine((text) => text !== 'demo', '"demo" is the demo cluster'),
  filestore: hostPath.refine((path) => !/\/\.{1,2}(\/|$)/.test(path), 'a path without "." and ".."'),
  trustedProxies: z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], { error: 'an IP address or a range, 10.0.0.0/24 for example' })).default([]),
}).strict();

export const newLanCluster = newSettings.extend({ databasePassword: z.string().max(1024).optional() }).strict();
export type NewLanCluster = z.infer<typeof newLanCluster>;

export const lanNode = z.object({ nodeId: z.string(), hostId: z.string(), url: z.string() });
export type LanNode = z.infer<typeof lanNode>;

export const lanCluster = z.object({ clusterId: z.string(), settings: lanSettings, nodes: z.array(lanNode) });
export type LanCluster = z.infer<typeof lanCluster>;
