import type { ConfigOverrides } from './cluster-types.ts';

type Tree = Record<string, unknown>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** `base` with everything of the later ones put over it, object by object. */
export function merged(base: ConfigOverrides, ...over: readonly ConfigOverrides[]): Tree {
  const result: Tree = { ...base };
  for (const each of over) {
    for (const [key, value] of Object.entries(each)) {
      const present = result[key];
      result[key] = isTree(value) && isTree(present) ? merged(present, value) : value;
    }
  }
  return result;
}

export interface NodeConfigParts {
  readonly nodeId: string;
  readonly port: number;
  readonly baseUrl: string;
  readonly database: { readonly host: string; readonly port: number; readonly name: string; readonly user: string };
  readonly filestore: string;
}

/** A node's configuration as it is written to its file, in the folder that holds cluster key and database password. */
export function nodeConfigOf(parts: NodeConfigParts): Tree {
  const { nodeId, port, baseUrl, database, filestore } = parts;
  return {
    node: { id: nodeId, url: `http://127.0.0.1:${String(port)}`, listen: { host: '127.0.0.1', port } },
    cluster: { name: 'test', keyFile: 'cluster.key' },
    baseUrl,
    database: { ...database, passwordFile: 'database.password', keepForOthers: 5, pool: { min: 5, max: 12 } },
    filestore: { path: filestore },
    http: { trustedProxies: ['127.0.0.1'] },
    // nobody else watches the ping of these nodes: no need to serve on for seconds
    timing: { drainNoticeMs: 300, drainDeadlineMs: 10_000 },
  };
}
