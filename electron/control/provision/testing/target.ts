import type { AdminVault } from '../steps/first-admin.ts';
import type { NodeSecrets, NodeTarget } from '../target.ts';

/** A node as tests plan it. */
export const target: NodeTarget = {
  clusterId: 'c1', clusterName: 'art', nodeId: 'n1', hostId: 'h1', url: 'http://10.0.0.1:8081', listen: { host: '0.0.0.0', port: 8081 }, baseUrl: 'http://10.0.0.1:8081',
  database: { host: '10.0.0.9', port: 5432, name: 'bulkhead', user: 'bulkhead', pool: { min: 5, max: 20 }, keepForOthers: 5 },
  filestore: '/srv/bulkhead/filestore', trustedProxies: [], serviceUid: 8081, serviceGid: 8081, drainNoticeMs: 3000, drainDeadlineMs: 60_000, peerUrl: null, acceptWarnings: [], joining: [],
  release: {
    name: '1.2.3-abcdef01', cpu: 'x64',
    runtime: { name: 'node', sha256: 'aa', bytes: 100, mode: '755' },
    bundle: { name: 'bulkhead-node.cjs', sha256: 'bb', bytes: 10, mode: '644' },
  },
};

export const secrets: NodeSecrets = { clusterKey: 'key-canary-1234', databasePassword: 'database-canary-5678' };

/** An administrator whose password is known. */
export function vault(): AdminVault {
  return { read: () => Promise.resolve('admin-canary'), prepare: () => Promise.resolve('admin-canary'), write: () => Promise.resolve(), exclusively: (work) => work() };
}
