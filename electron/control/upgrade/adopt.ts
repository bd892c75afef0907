import { parse } from 'yaml';
import { z } from 'zod';
import { BulkheadError, clusterStatus, type ClusterStatus } from '../../../server-bundle/contract/index.ts';
import { lanSettings, type LanSettings } from '../../contract/index.ts';
import { asRoot, paths, refusalOf, script, type RemoteCommand, type RemoteHost } from '../provision/index.ts';
import { clusterCommand } from './commands.ts';

/** What a node's configuration has to have; what is not in it is the node's default. */
const nodeFile = z.object({
  node: z.object({ id: z.string(), url: z.url(), listen: z.object({ port: z.number().int() }) }),
  cluster: z.object({ name: z.string(), keyFile: z.string() }),
  baseUrl: z.string(),
  database: z.object({
    host: z.string(), port: z.number().int().optional(), name: z.string(), user: z.string(), passwordFile: z.string().optional(),
    pool: z.object({ min: z.number().int(), max: z.number().int() }).optional(), keepForOthers: z.number().int().optional(),
  }),
  filestore: z.object({ path: z.string() }),
  http: z.object({ trustedProxies: z.array(z.string()).optional() }).optional(),
  timing: z.object({ drainNoticeMs: z.number().int().optional(), drainDeadlineMs: z.number().int().optional() }).optional(),
});

export interface ReadCluster {
  /** the node on the host that it was read from */
  readonly nodeId: string;
  readonly settings: LanSettings;
  readonly key: string;
  /** only while the key is being replaced */
  readonly nextKey: string | null;
  readonly databasePassword: string | null;
  readonly nextDatabasePassword: string | null;
  readonly status: ClusterStatus;
}

/** Reads a cluster from one of its hosts, as root. @throws NODE_NOT_FOUND when there is no node on it */
export async function readCluster(host: RemoteHost, signal: AbortSignal): Promise<ReadCluster> {
  const file = await host.run(asRoot(...script('cat "$1" 2> /dev/null', paths.configFile)), signal);
  if (file.exitCode !== 0) throw new BulkheadError('NODE_NOT_FOUND', 'There is no node on this host', { details: { file: paths.configFile } });
  const config = nodeFile.parse(parse(file.stdout));
  const ids = await host.run(asRoot('stat', '-c', '%u %g', config.cluster.keyFile), signal);
  const [uid = 0, gid = 0] = ids.stdout.trim().split(' ').map(Number);
  const { database, timing, http } = config;
  const settings = lanSettings.parse({
    name: config.cluster.name, baseUrl: config.baseUrl, filestore: config.filestore.path, nodePort: config.node.listen.port,
    database: { host: database.host, port: database.port, name: database.name, user: database.user, pool: database.pool, keepForOthers: database.keepForOthers },
    trustedProxies: http?.trustedProxies, serviceUid: uid, serviceGid: gid, drainNoticeMs: timing?.drainNoticeMs, drainDeadlineMs: timing?.drainDeadlineMs,
  });
  const { exitCode, stdout, stderr } = await host.run(clusterCommand({ uid, gid }, ['status']), signal);
  if (exitCode !== 0) throw new BulkheadError('CLUSTER_UNREACHABLE', `The cluster cannot be asked from this host: ${refusalOf(stderr).message}`);
  const [key = '', nextKey = null] = await secretLines(host, config.cluster.keyFile, signal);
  const [databasePassword = null, nextDatabasePassword = null] = database.passwordFile === undefined ? [] : await secretLines(host, database.passwordFile, signal);
  return { nodeId: config.node.id, settings, status: clusterStatus.parse(JSON.parse(stdout)), key, nextKey, databasePassword, nextDatabasePassword };
}

/** Break-glass: whoever is root on a host of the cluster may set the administrator's password anew. */
export async function resetAdmin(host: RemoteHost, { serviceUid: uid, serviceGid: gid }: LanSettings, signal: AbortSignal): Promise<string> {
  const asked = clusterCommand({ uid, gid }, [], undefined, 60_000);
  const argv = asked.argv.map((word) => (word === 'cluster' ? 'reset-admin' : word));
  const command: RemoteCommand = { ...asked, argv, secretOutput: true };
  const { exitCode, stdout, stderr } = await host.run(command, signal);
  if (exitCode !== 0) throw new BulkheadError('STEP_FAILED', refusalOf(stderr).message);
  return z.object({ password: z.string() }).parse(JSON.parse(stdout)).password;
}

/** Who holds the lock of the host, as whoever took it has written; null when nobody does. */
export async function lockOwner(host: RemoteHost, signal: AbortSignal): Promise<string | null> {
  const { exitCode, stdout } = await host.run(asRoot(...script('[ -d "$1" ] || exit 1; tail -n +2 "$1/owner" 2> /dev/null; exit 0', paths.lock)), signal);
  return exitCode === 0 ? stdout.trim() || 'somebody' : null;
}

/** The one in use comes first; a second one is there only while it is being replaced. */
async function secretLines(host: RemoteHost, file: string, signal: AbortSignal): Promise<string[]> {
  const { exitCode, stdout } = await host.run({ ...asRoot('cat', file), secretOutput: true }, signal);
  if (exitCode !== 0) throw new BulkheadError('STEP_FAILED', `${file} cannot be read`);
  return stdout.split('\n').map((line) => line.trim()).filter((line) => line !== '');
}
