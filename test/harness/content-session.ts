import { randomBytes, randomUUID } from 'node:crypto';
import { ClusterKeys, DatabasePasswords } from '../../server-bundle/security/rotating-secrets.ts';
import pino from 'pino';
import type { CacheKey, Coherence, PeekKey, Reader, ReadKey, Session, Touched } from '../../server-bundle/cluster/ports.ts';
import { nodeConfig } from '../../server-bundle/config/schema.ts';
import { initialize, openFilestore, type Filestore } from '../../server-bundle/filestore/index.ts';
import { createCluster } from '../../server-bundle/metadata/cluster-creation.ts';
import { openDatabase, type OpenDatabase } from '../../server-bundle/metadata/connection/database.ts';
import { migrate } from '../../server-bundle/metadata/migrator.ts';
import { BlobMemory } from '../../server-bundle/repositories/blob-memory.ts';
import { DownloadCounts } from '../../server-bundle/repositories/downloads/download-counts.ts';
import { addressesBelow, type Content } from '../../server-bundle/repositories/content.ts';
import { Upstreams } from '../../server-bundle/repositories/upstream/upstreams.ts';
import type { TestPostgres } from './postgres.ts';
import { temporaryFolder } from './temporary-folder.ts';

/**
 * Caches that one process shares by reference: what the cluster's protocol does over links is a function call here, so a test of
 * content sees whether the right keys are prepared and nothing else.
 */
export class SharedCaches {
  readonly members: ObservedCoherence[] = [];
  /** one cluster has one key */
  readonly clusterKeys = new ClusterKeys([randomBytes(48)]);
}

/** A coherence that keeps everything until a change names it, and writes down what was touched. */
export class ObservedCoherence implements Coherence {
  readonly touched: Touched[] = [];
  readonly #shared: SharedCaches;
  readonly #db: OpenDatabase['db'];
  readonly #cache = new Map<CacheKey, unknown>();
  #held: Touched[] = [];
  /** how many changes were prepared here: a read that one of them overtook is not kept */
  #holds = 0;

  constructor(shared: SharedCaches, db: OpenDatabase['db']) {
    this.#shared = shared;
    this.#db = db;
    shared.members.push(this);
  }

  readonly read: ReadKey = async <T>(key: CacheKey, fill: (db: OpenDatabase['db']) => Promise<T | undefined>): Promise<T | undefined> => {
    if (this.#cache.has(key)) return this.#cache.get(key) as T;
    const fillingSince = this.#holds;
    const value = await fill(this.#db);
    if (value !== undefined && fillingSince === this.#holds && !this.#held.some((touched) => covers(touched, key))) this.#cache.set(key, value);
    return value;
  };

  readWithin(trx: Reader): ReadKey {
    return async <T>(key: CacheKey, fill: (db: Reader) => Promise<T | undefined>) => this.#cache.has(key) ? this.#cache.get(key) as T : fill(trx);
  }

  snapshot<T>(body: (read: ReadKey) => Promise<T>): Promise<T> {
    return body(this.read);
  }

  hot<T>(body: (peek: PeekKey) => T | undefined): T | undefined {
    return body((key) => (this.#held.some((touched) => covers(touched, key)) ? undefined : this.#cache.get(key) as never));
  }

  async change<T>(touched: Touched, commit: () => Promise<T>): Promise<T> {
    this.touched.push(touched);
    for (const member of this.#shared.members) member.#hold(touched);
    try {
      return await commit();
    } finally {
      for (const member of this.#shared.members) member.#held = member.#held.filter((held) => held !== touched);
    }
  }

  mayAnswer(): boolean {
    return true;
  }

  #hold(touched: Touched): void {
    this.#held.push(touched);
    this.#holds += 1;
    for (const key of this.#cache.keys()) if (covers(touched, key)) this.#cache.delete(key);
  }
}

function covers(touched: Touched, key: CacheKey): boolean {
  return touched.keys.includes(key) || touched.prefixes?.some((prefix) => key.startsWith(prefix)) === true;
}

/** One node's view of content, without a node around it. */
export interface TestNode extends AsyncDisposable {
  readonly content: Content;
  readonly coherence: ObservedCoherence;
  readonly filestore: Filestore;
  /** statements sent so far */
  statements(): number;
}

export interface ContentCluster extends AsyncDisposable {
  readonly database: string;
  readonly clusterId: string;
  readonly path: string;
  addNode(): Promise<TestNode>;
}

/**
 * A database and a filestore with the first repositories, for tests of content on a real PostgreSQL.
 * @param port where nodes reach the server, when it is not its own
 */
export async function contentCluster(postgres: TestPostgres, port = postgres.port): Promise<ContentCluster> {
  const folder = await temporaryFolder('content');
  const database = await postgres.createDatabase();
  const settings = nodeConfig.shape.database.parse({ host: postgres.host, port: postgres.port, name: database, user: postgres.user });
  const open = (onStatement?: () => void): OpenDatabase => openDatabase({
    database: onStatement === undefined ? settings : { ...settings, port }, passwords: new DatabasePasswords([postgres.password]), name: 'content-test', max: 8, ...(onStatement === undefined ? {} : { onStatement }),
  });
  const setup = open();
  await migrate(setup.db);
  const { cluster } = await createCluster(setup.db, 'test', (clusterId) => initialize(folder.path, clusterId));
  await setup.close();
  const shared = new SharedCaches();
  const nodes: TestNode[] = [];
  return {
    database, clusterId: cluster.id, path: folder.path,
    async addNode() {
      const node = await startNode(open, shared, folder.path, cluster.id);
      nodes.push(node);
      return node;
    },
    async [Symbol.asyncDispose]() {
      for (const node of nodes) await node[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function startNode(open: (onStatement: () => void) => OpenDatabase, shared: SharedCaches, path: string, clusterId: string): Promise<TestNode> {
  let statements = 0;
  const ending = new AbortController();
  const database = open(() => { statements += 1; });
  const filestore = openFilestore({ path });
  await filestore.bind(clusterId);
  const coherence = new ObservedCoherence(shared, database.db);
  const refuse = (): never => { throw new Error('not part of this test'); };
  const incarnation = randomUUID();
  // what a node of the cluster has: a fetch from upstream belongs to a live incarnation
  await database.db.insertInto('node').values({ node_id: incarnation }).execute();
  await database.db.insertInto('incarnation').values({ id: incarnation, node_id: incarnation, url: 'http://127.0.0.1', version: '0.0.0' }).execute();
  statements = 0;
  const session: Session = {
    nodeId: 'test', incarnation, db: database.db, coherence, signal: ending.signal,
    leadership: { current: () => null, isMaster: () => false, fenced: refuse, handOver: refuse },
    events: { publish: async () => undefined },
  };
  const { clusterKeys } = shared;
  const log = pino({ level: 'silent' });
  const content: Content = {
    session, filestore, memory: new BlobMemory(1024 * 1024, 64 * 1024), downloads: new DownloadCounts(() => database.db, log), addresses: addressesBelow('http://repo.example.org'), log,
    clusterKeys, upstreams: new Upstreams(clusterKeys, ending.signal),
  };
  return {
    content, coherence, filestore, statements: () => statements,
    async [Symbol.asyncDispose]() {
      ending.abort();
      await filestore.close();
      await database.close();
    },
  };
}
